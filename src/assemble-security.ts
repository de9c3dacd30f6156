import { createPublicKey } from 'node:crypto'
import type { Logger } from 'pino'
import type { GatewayConfig } from '../config/types.ts'
import type { AuthConfig, JwtConfig } from '../config/types-security.ts'
import { buildCredentialAuthenticators } from './assemble-credentials.ts'
import { makeVerify } from './jwt-keys.ts'
import type { Authenticator, RouteAuth } from './model/authenticator.ts'
import type { CredentialKind } from './model/consumer.ts'
import { KeyFetcher } from './security/jwt/fetch-keys.ts'
import { JwtAuthenticator } from './security/jwt/jwt-authenticator.ts'
import { KeySet, type KeySource, staticKey } from './security/jwt/key-set.ts'
import { placesOf, tokenReader } from './security/jwt/token-place.ts'
import type { Clock } from './time/clock.ts'
import type { Scheduler } from './time/scheduler.ts'

export interface SecurityParts {
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
  readonly logger: Logger | undefined
}

/** The ways to find out who sends a request that the configuration has. */
export interface Authenticators {
  /** Without a name: the only one of its kind. Throws a RangeError for one that the configuration does not have. */
  of(kind: CredentialKind, name?: string): Authenticator
  /** Begins what goes on by itself: fetching keys. */
  start(): void
  close(): Promise<void>
}

/** What an authenticator is made with, and how what it started ends. */
interface Built {
  readonly authenticator: Authenticator
  start?(): void
  close?(): Promise<void>
}

/**
 * Makes every authenticator of `security`. This is where each kind of credential plugs in: a line in the list below, and one in
 * `configuredWays` (config/resolve-security.ts), which tells routes what they may ask for.
 */
export async function buildAuthenticators({ security }: GatewayConfig, parts: SecurityParts): Promise<Authenticators> {
  const tokens = await Promise.all(security.jwt.map(jwt => buildJwt(jwt, parts)))
  const credentials = buildCredentialAuthenticators(security, parts)
  const built: readonly Built[] = [...tokens, ...credentials.authenticators.map(authenticator => ({ authenticator }))]
  return {
    of(kind, name) {
      const found = built.find(({ authenticator }) => isMeant(authenticator, kind, name))
      if (found === undefined) throw new RangeError(`security does not configure ${kind} ${name ?? ''}`)
      return found.authenticator
    },
    start: () => {
      for (const each of built) each.start?.()
    },
    close: async () => {
      await Promise.all([...built.map(each => each.close?.()), credentials.close()])
    }
  }
}

const isMeant = (authenticator: Authenticator, kind: CredentialKind, name: string | undefined) =>
  authenticator.kind === kind && (name === undefined || authenticator.name === name)

async function buildJwt(config: JwtConfig, parts: SecurityParts): Promise<Built> {
  const { keys, ...life } = await keysOf(config, parts)
  const authenticator = new JwtAuthenticator({
    name: config.name,
    keys,
    rules: {
      issuers: config.issuer,
      audiences: config.audience,
      required: config.requiredClaims,
      toleranceMs: config.clockTolerance
    },
    shown: tokenReader(config),
    cache: config.cache,
    keepsBack: config.passOn ? undefined : placesOf(config),
    wallClock: parts.wallClock
  })
  return { authenticator, ...life }
}

type Keys = Omit<Built, 'authenticator'> & { readonly keys: KeySource }

async function keysOf({ name, by, algorithms }: JwtConfig, { scheduler, logger }: SecurityParts): Promise<Keys> {
  if ('jwks' in by) {
    const fetcher = new KeyFetcher(scheduler)
    const told = (why: string | undefined) => {
      if (why === undefined) logger?.warn({ jwt: name, url: by.jwks }, 'the keys of the issuer are fetched again')
      else logger?.warn({ jwt: name, url: by.jwks, why }, 'the keys of the issuer cannot be fetched')
    }
    const keys = new KeySet({ fetch: () => fetcher.fetch(by.jwks), algorithms, makeVerify, scheduler, told })
    const close = () => {
      keys.stop()
      return fetcher.close()
    }
    return { keys, start: () => keys.start(), close }
  }
  const material = { key: 'secret' in by ? by.secret : pemOf(by.publicKey), algorithms }
  return { keys: staticKey({ ...material, kid: undefined, verify: await makeVerify(material), withdrawn: false }) }
}

/** The key in the one form that key sets have too, be it written in another or as a certificate. */
const pemOf = (publicKey: string) => createPublicKey(publicKey).export({ type: 'spki', format: 'pem' }).toString()

/** What a route asks, made ready; undefined where anybody may use it. */
export function buildRouteAuth(auth: false | AuthConfig, authenticators: Pick<Authenticators, 'of'>): RouteAuth | undefined {
  if (auth === false) return undefined
  const asked = auth.ways.map(({ kind, name }) => authenticators.of(kind, name))
  return {
    authenticators: asked,
    keepsBack: asked.some(({ keepsBack }) => keepsBack !== undefined),
    require: auth.require,
    scopes: auth.scopes,
    claims: Object.entries(auth.claims),
    forward: Object.entries(auth.forward),
    observe: auth.mode === 'observe'
  }
}

/** The parameters of the query that hold a token or key: never logged. */
export const secretParameters = ({ security: { jwt, apiKeys } }: GatewayConfig) =>
  [...jwt, ...(apiKeys === undefined ? [] : [apiKeys])].flatMap(({ query }) => query ?? [])

/** Every header that tells of a consumer on some route: no client may say it on any. Undefined where there is none. */
export function identityHeaders({ routes }: GatewayConfig): ReadonlySet<string> | undefined {
  const names = routes.flatMap(({ auth }) => (auth === false ? [] : Object.values(auth.forward)))
  return names.length === 0 ? undefined : new Set(names.map(name => name.replace(/[^a-z0-9]/g, '-')))
}
