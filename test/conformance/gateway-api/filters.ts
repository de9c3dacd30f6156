import type { ConfigInput } from '../../../src/testing.ts'
import type { CorsFilter, Filter, HeaderModifier, PathModifier, Redirect } from './objects.ts'

export type RouteInput = NonNullable<ConfigInput['routes']>[number]
type Transform = NonNullable<RouteInput['transform']>
type HeaderRules = NonNullable<Transform['request']>

/** What filters become in a route, but for mirrors; `prefix` is what the route matches. */
export function fromFilters(filters: readonly Filter[], prefix: string): Partial<RouteInput> {
  const request: HeaderRules[] = []
  const response: HeaderRules[] = []
  const route: Partial<RouteInput> = {}
  let whole: string | undefined
  for (const filter of filters) {
    switch (filter.type) {
      case 'RequestHeaderModifier':
        request.push(headerRules(filter.requestHeaderModifier))
        break
      case 'ResponseHeaderModifier':
        response.push(headerRules(filter.responseHeaderModifier))
        break
      case 'RequestRedirect':
        route.redirect = redirectTo(filter.requestRedirect, prefix)
        whole = wholePath(filter.requestRedirect.path) ?? whole
        break
      case 'URLRewrite': {
        const { hostname, path } = filter.urlRewrite
        if (hostname !== undefined) request.push({ set: { host: hostname } })
        if (path?.type === 'ReplacePrefixMatch') route.rewrite = path.replacePrefixMatch
        whole = wholePath(path) ?? whole
        break
      }
      case 'CORS':
        route.cors = corsFor(filter.cors)
        break
      case 'RequestMirror':
        break
    }
  }
  const transform = whole === undefined ? {} : { path: whole }
  if (whole !== undefined || request.length + response.length > 0)
    route.transform = { ...transform, request: merged(request), response: merged(response) }
  return route
}

function headerRules({ set = [], add = [], remove = [] }: HeaderModifier): HeaderRules {
  const named = (fields: typeof set) => Object.fromEntries(fields.map(({ name, value }) => [name, value]))
  return { set: named(set), add: named(add), remove: [...remove] }
}

function merged(all: readonly HeaderRules[]): HeaderRules {
  return {
    set: Object.assign({}, ...all.map(({ set }) => set)),
    add: Object.assign({}, ...all.map(({ add }) => add)),
    remove: all.flatMap(({ remove = [] }) => remove)
  }
}

/** Braces in it stand for themselves. */
const wholePath = (path: PathModifier | undefined): string | undefined =>
  path?.type === 'ReplaceFullPath' ? path.replaceFullPath.replace(/\{([^{}]*)\}/g, '{{$1}}') : undefined

/** One that says nothing but a status sends clients to where they are. */
function redirectTo(
  { scheme, hostname, port, path, statusCode = 302 }: Redirect,
  prefix: string
): NonNullable<RouteInput['redirect']> {
  const to = path?.type === 'ReplacePrefixMatch' ? path.replacePrefixMatch : undefined
  const same = (path ?? scheme ?? hostname ?? port) === undefined
  return {
    status: statusCode,
    ...(same ? { to: prefix } : {}),
    ...(to === undefined ? {} : { to }),
    ...(scheme === undefined ? {} : { scheme }),
    ...(hostname === undefined ? {} : { host: hostname }),
    ...(port === undefined ? {} : { port })
  }
}

/** `*` for all headers is what is absent here. Credentials for every origin are refused by `check`, and left out. */
function corsFor(cors: CorsFilter): NonNullable<RouteInput['cors']> {
  const { allowOrigins = ['*'], allowMethods, allowHeaders, exposeHeaders, allowCredentials = false, maxAge } = cors
  return {
    origins: [...allowOrigins],
    ...(allowMethods === undefined ? {} : { methods: [...allowMethods] }),
    ...(allowHeaders === undefined || allowHeaders.includes('*') ? {} : { headers: [...allowHeaders] }),
    ...(exposeHeaders === undefined ? {} : { exposed: [...exposeHeaders] }),
    credentials: allowCredentials && !allowOrigins.includes('*'),
    ...(maxAge === undefined ? {} : { maxAge: `${maxAge}s` })
  }
}
