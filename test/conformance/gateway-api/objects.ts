/** What is read of Kubernetes objects (https://gateway-api.sigs.k8s.io/reference/spec/). */

interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Whose routes (or listener sets) may attach. */
export interface AllowedNamespaces {
  readonly namespaces?: {
    readonly from?: 'Same' | 'All' | 'Selector' | 'None'
    readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> }
  }
}

export interface Listener {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly hostname?: string
  readonly allowedRoutes?: AllowedNamespaces
}

export interface ParentRef {
  readonly kind?: string
  readonly name: string
  readonly namespace?: string
  readonly sectionName?: string
  readonly port?: number
}

export interface BackendRef {
  readonly group?: string
  readonly kind?: string
  readonly name: string
  readonly namespace?: string
  readonly port?: number
  readonly weight?: number
  readonly filters?: readonly Filter[]
}

interface Field {
  readonly name: string
  readonly value: string
}

export interface HeaderModifier {
  readonly set?: readonly Field[]
  readonly add?: readonly Field[]
  readonly remove?: readonly string[]
}

export type PathModifier =
  | { readonly type: 'ReplaceFullPath'; readonly replaceFullPath: string }
  | { readonly type: 'ReplacePrefixMatch'; readonly replacePrefixMatch: string }

export interface Redirect {
  readonly scheme?: 'http' | 'https'
  readonly hostname?: string
  readonly port?: number
  readonly path?: PathModifier
  readonly statusCode?: 301 | 302 | 303 | 307 | 308
}

export interface Mirror {
  readonly backendRef: BackendRef
  readonly percent?: number
  readonly fraction?: { readonly numerator: number; readonly denominator?: number }
}

export interface CorsFilter {
  readonly allowOrigins?: readonly string[]
  readonly allowMethods?: readonly string[]
  readonly allowHeaders?: readonly string[]
  readonly exposeHeaders?: readonly string[]
  readonly allowCredentials?: boolean
  readonly maxAge?: number
}

export type Filter =
  | { readonly type: 'RequestHeaderModifier'; readonly requestHeaderModifier: HeaderModifier }
  | { readonly type: 'ResponseHeaderModifier'; readonly responseHeaderModifier: HeaderModifier }
  | { readonly type: 'RequestRedirect'; readonly requestRedirect: Redirect }
  | { readonly type: 'URLRewrite'; readonly urlRewrite: { readonly hostname?: string; readonly path?: PathModifier } }
  | { readonly type: 'RequestMirror'; readonly requestMirror: Mirror }
  | { readonly type: 'CORS'; readonly cors: CorsFilter }

interface Matched extends Field {
  readonly type?: 'Exact' | 'RegularExpression'
}

export interface HttpMatch {
  readonly path?: { readonly type?: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value?: string }
  readonly method?: string
  readonly headers?: readonly Matched[]
  readonly queryParams?: readonly Matched[]
}

export interface GrpcMatch {
  readonly method?: { readonly type?: 'Exact' | 'RegularExpression'; readonly service?: string; readonly method?: string }
  readonly headers?: readonly Matched[]
}

export interface Rule<Match> {
  readonly matches?: readonly Match[]
  readonly filters?: readonly Filter[]
  readonly backendRefs?: readonly BackendRef[]
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string }
}

interface RouteSpec<Match> {
  readonly parentRefs?: readonly ParentRef[]
  readonly hostnames?: readonly string[]
  readonly rules?: readonly Rule<Match>[]
}

interface Of<Kind extends string, Spec> {
  readonly kind: Kind
  readonly metadata: Metadata
  readonly spec: Spec
}

export type Gateway = Of<'Gateway', { readonly listeners: readonly Listener[]; readonly allowedListeners?: AllowedNamespaces }>
export type ListenerSet = Of<'ListenerSet', { readonly parentRef: ParentRef; readonly listeners: readonly Listener[] }>
export type HttpRoute = Of<'HTTPRoute', RouteSpec<HttpMatch>>
export type GrpcRoute = Of<'GRPCRoute', RouteSpec<GrpcMatch>>
export type AnyRoute = HttpRoute | GrpcRoute

type ServicePort = { readonly port: number; readonly appProtocol?: string }
export type Service = Of<'Service', { readonly ports?: readonly ServicePort[] }>
export type ReferenceGrant = Of<
  'ReferenceGrant',
  {
    readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[]
    readonly to: readonly { readonly group: string; readonly kind: string; readonly name?: string }[]
  }
>

export type KubernetesObject =
  | Gateway
  | ListenerSet
  | HttpRoute
  | GrpcRoute
  | Service
  | ReferenceGrant
  | Of<'Namespace', undefined>
  | Of<'Deployment', undefined>

export const namespaceOf = ({ metadata }: { readonly metadata: Metadata }): string => metadata.namespace ?? 'default'

/** Those of a kind, in the order of the manifests. */
export function ofKind<Kind extends KubernetesObject['kind']>(objects: readonly KubernetesObject[], kind: Kind) {
  return objects.filter((object): object is Extract<KubernetesObject, { kind: Kind }> => object.kind === kind)
}
