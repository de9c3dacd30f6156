import type { Static } from 'typebox'
import type { CorsOptions, CsrfOptions } from '../src/browser/options.ts'
import type { CacheTerms } from '../src/cache/options.ts'
import type { CompressOptions } from '../src/compress/options.ts'
import type { FaultSettings } from '../src/fault/options.ts'
import type { BodyOptions, HostHeader, TransformOptions } from '../src/forward/options.ts'
import type { Priority } from '../src/model/admitting.ts'
import type { CarefulFields } from '../src/model/browser.ts'
import type { RateLimit } from '../src/model/rate-limit.ts'
import type { Elsewhere } from '../src/model/route.ts'
import type { Resolved, RouteRetryConfig } from './types.ts'
import type { AuthConfig } from './types-security.ts'

export interface SplitShare {
  readonly upstream: string
  /** 0..1; the shares of a split sum to 1. */
  readonly share: number
}

export type Destination =
  | { readonly kind: 'upstream'; readonly upstream: string }
  /** `by`: ip, cookie:NAME, header:NAME or query:NAME; absent: drawn for each request. */
  | { readonly kind: 'split'; readonly shares: readonly SplitShare[]; readonly by?: string }
  | ({ readonly kind: 'redirect'; readonly status: number } & Elsewhere)
  | {
      readonly kind: 'respond'
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
      readonly body: string
    }

type TransformRules = Resolved<Static<typeof TransformOptions>>
export type HeaderRules = TransformRules['request']

/** `maxAge` in milliseconds. What is absent is not said. */
type WrittenCors = Resolved<Exclude<Static<typeof CorsOptions>, false>>
export type CorsConfig = Omit<WrittenCors, 'methods' | 'headers' | 'maxAge'> &
  Partial<Pick<WrittenCors, 'methods' | 'headers' | 'maxAge'>>

/** `min` in bytes. */
export type CompressConfig = Resolved<Exclude<Static<typeof CompressOptions>, boolean>>

export type CsrfConfig = Resolved<Exclude<Static<typeof CsrfOptions>, boolean>>

/** `share` is 0..1. */
export interface MirrorConfig {
  readonly upstream: string
  readonly share: number
  readonly compare: false | { readonly ignore: readonly string[] }
}

export interface RouteConfig {
  /** Without a trailing slash, but for `/` itself, where it is not `exact`. */
  readonly prefix: string
  /** The prefix is the whole path: nothing below it matches. */
  readonly exact?: true
  readonly host?: string
  readonly methods?: readonly string[]
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly to: Destination
  /** In place of the prefix, or of the whole path where that is matched. */
  readonly rewrite?: string
  /** Milliseconds. */
  readonly timeout: number
  readonly auth: false | AuthConfig
  /** Bytes, buffer never above max; the timeout in milliseconds, 0 none, absent: timeouts.request. */
  readonly body: Omit<Resolved<Static<typeof BodyOptions>>, 'timeout'> & { readonly timeout?: number }
  /** `path` is absent where `rewrite` alone decides. */
  readonly transform: Omit<TransformRules, 'path'> & Partial<Pick<TransformRules, 'path'>>
  readonly hostHeader: Static<typeof HostHeader>
  /** All of them must have room; none: any number of requests. */
  readonly rateLimits: readonly RateLimit[]
  readonly mode: 'enforce' | 'observe'
  readonly plugins: readonly string[]
  /** Networks; nobody's is everybody's. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly cors: false | CorsConfig
  readonly securityHeaders: false | CarefulFields
  readonly csrf: false | CsrfConfig
  readonly compress: false | CompressConfig
  /** Bytes, milliseconds, an absolute path. */
  readonly cache: false | CacheTerms
  readonly priority: Priority | { readonly header: string }
  /** None: nothing is copied. */
  readonly mirrors: readonly MirrorConfig[]
  readonly fault: false | FaultSettings
  /** What the route says in place of its group; what is absent is the group's. */
  readonly retry?: RouteRetryConfig
  readonly place: { readonly line?: number; readonly column?: number }
}
