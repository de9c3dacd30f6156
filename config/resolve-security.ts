import { createPublicKey } from 'node:crypto'
import type { CredentialSettings } from '../src/credentials/options.ts'
import { type CredentialKind, credentialKinds } from '../src/model/consumer.ts'
import type { Pem } from '../src/model/pem.ts'
import { algorithmsOf, type SignatureAlgorithm } from '../src/model/signature-algorithms.ts'
import { kindOf } from './node.ts'
import type { FilledCredentials } from './resolve-credentials.ts'
import type { AuthConfig, JwtConfig, SecurityConfig, WayConfig } from './types-security.ts'

/** A verifier after its values were read and filled; a part that was refused is not there. */
export type FilledJwt = Pick<
  JwtConfig,
  'clockTolerance' | 'requiredClaims' | 'header' | 'cookie' | 'query' | 'passOn' | 'cache'
> & {
  readonly issuer?: string | readonly string[]
  readonly audience?: string | readonly string[]
  readonly algorithms?: readonly SignatureAlgorithm[]
  readonly secret?: string
  readonly publicKey?: Pem
  readonly jwks?: string
}

export interface FilledSecurity extends FilledCredentials {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly jwt?: FilledJwt | Readonly<Record<string, FilledJwt>>
}

type FilledMapping = Omit<AuthConfig, 'ways'> & {
  readonly [Kind in CredentialKind]: Kind extends 'jwt' | 'service' ? boolean | string : boolean
}

/** What a route says of authentication, in any of its forms. */
export type FilledAuth = false | CredentialKind | readonly (CredentialKind | undefined)[] | FilledMapping | undefined

/** What a verifier is called that has no name of its own. */
const onlyName = 'jwt'

/** Every verifier by its name. `nested`: the names are written. */
export function verifiersOf({ jwt }: FilledSecurity): { readonly nested: boolean; readonly all: [string, FilledJwt][] } {
  if (jwt === undefined) return { nested: false, all: [] }
  const isNames = Object.values(jwt).every(each => kindOf(each) === 'mapping')
  // Of a verifier at least its defaults are no mappings.
  return isNames ? { nested: true, all: Object.entries(jwt) } : { nested: false, all: [[onlyName, jwt as FilledJwt]] }
}

/**
 * The names under which `security` has each kind of credential: a route may ask for no other. One line for each kind; a kind of
 * which there is only one has the one name of its kind.
 */
export function configuredWays(security: FilledSecurity): ReadonlyMap<CredentialKind, readonly string[]> {
  const { apiKeys, basic, introspection, certificate, service } = security
  const one = (kind: CredentialKind, configured: unknown) => [kind, configured === undefined ? [] : [kind]] as const
  return new Map([
    ['jwt', verifiersOf(security).all.map(([name]) => name)],
    one('apiKey', apiKeys),
    one('basic', basic),
    one('introspection', introspection),
    one('certificate', certificate),
    one('service', service)
  ])
}

/** Brings `security` into the form that the program uses. */
export function resolveSecurity(security: FilledSecurity, credentials: CredentialSettings): SecurityConfig {
  const { allow, deny } = security
  const jwt = verifiersOf(security).all.map(([name, each]) => resolveJwt(name, each))
  return { allow, deny, jwt, ...credentials }
}

function resolveJwt(name: string, { secret, publicKey, jwks, ...rest }: FilledJwt): JwtConfig {
  const by = secret !== undefined ? { secret } : publicKey !== undefined ? { publicKey: publicKey.pem } : { jwks: jwks ?? '' }
  const algorithms = rest.algorithms ?? defaultAlgorithms(by)
  return { ...rest, name, by, algorithms, issuer: [rest.issuer ?? []].flat(), audience: [rest.audience ?? []].flat() }
}

function defaultAlgorithms(by: JwtConfig['by']): readonly SignatureAlgorithm[] {
  if ('secret' in by) return ['HS256']
  if ('publicKey' in by) return algorithmsOf(createPublicKey(by.publicKey)).slice(0, 1)
  return ['RS256', 'ES256', 'EdDSA']
}

/** False where anybody may use the route. */
export function resolveAuth(auth: FilledAuth): false | AuthConfig {
  if (auth === undefined || auth === false) return false
  if (typeof auth === 'string') return { ...plain, ways: [{ kind: auth }] }
  if (isList(auth)) return { ...plain, ways: [...new Set(auth)].flatMap(kind => (kind === undefined ? [] : [{ kind }])) }
  const { require, scopes, claims, forward, mode } = auth
  const ways = credentialKinds.flatMap((kind): WayConfig[] => {
    const wanted = auth[kind]
    if (wanted === undefined || wanted === false) return []
    return [typeof wanted === 'string' ? { kind, name: wanted } : { kind }]
  })
  return { ways, require, scopes, claims, forward, mode }
}

const plain = { require: 'any', scopes: [], claims: {}, forward: {}, mode: 'enforce' } as const

const isList = (auth: object): auth is readonly (CredentialKind | undefined)[] => Array.isArray(auth)
