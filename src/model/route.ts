import type { AccessList } from './access.ts'
import type { Priority } from './admitting.ts'
import type { RouteAuth } from './authenticator.ts'
import type { CarefulFields, CorsRules, CsrfRules } from './browser.ts'
import type { CompressionRules } from './compression.ts'
import type { Facts, Value } from './facts.ts'
import type { Faulting } from './faulting.ts'
import type { Group, RetryRules } from './group.ts'
import type { Mirroring } from './mirroring.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RequestKey } from './request-key.ts'

/** Changes to header fields, made ready: names in lower case. */
export interface HeaderEdit {
  /** Fields that go: those to remove, and those to set. */
  readonly drop: ReadonlySet<string>
  /** Fields that come: those to set, and those to add beside what is there. */
  readonly append: readonly (readonly [string, Value])[]
}

/** What must hold besides the prefix; absent predicates hold for every request. */
export interface Predicates {
  /** Lower case, without port: exact, or `*.` and a suffix. */
  readonly host?: string
  readonly prefix: string
  /** The prefix is the whole path: nothing below it matches. */
  readonly exact?: true
  readonly methods?: ReadonlySet<string>
  readonly headers: readonly (readonly [string, string])[]
  readonly query: readonly (readonly [string, string])[]
}

/** An answer of the gateway's own. Names of headers in lower case. */
export interface OwnAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Where a client is sent; what is absent is as it asked. */
export interface Elsewhere {
  /** A path or a URL: its path takes the place of the prefix. */
  readonly to?: string
  readonly scheme?: 'http' | 'https'
  readonly host?: string
  readonly port?: number
}

/** One group for all, or shares of the requests for several; or no target at all. */
export type Destination =
  | TargetDestination
  | ({ readonly kind: 'redirect'; readonly status: number } & Elsewhere)
  | { readonly kind: 'respond'; readonly answer: OwnAnswer }

export type TargetDestination =
  | { readonly kind: 'group'; readonly group: Group }
  | {
      readonly kind: 'split'
      readonly shares: readonly { readonly group: Group; readonly share: number }[]
      readonly by?: RequestKey
    }

/** A path prefix and its other predicates, bound to a group. Times in milliseconds, sizes in bytes. */
export interface Route extends Predicates {
  readonly destination: Destination
  /** What replaces the prefix, or the whole path where that is matched; absent: the path goes on unchanged. */
  readonly rewrite?: string
  /** Path and query for the upstream, made from each request; undefined where one cannot be made. Absent: rewrite alone. */
  readonly retarget?: (facts: Facts) => string | undefined
  /** Something of it is made from what a request says. */
  readonly readsFacts?: true
  readonly timeoutMs: number
  readonly maxBodyBytes: number
  readonly bufferBytes: number
  /** How long the client may take to send the request; 0 is for ever. */
  readonly receiveMs: number
  /** Absent: none. */
  readonly requestEdit?: HeaderEdit
  readonly responseEdit?: HeaderEdit
  /** The same for every request, or read from each; absent: default. */
  readonly priority?: Priority | RequestKey
  /** Absent: anybody may use the route. */
  readonly auth?: RouteAuth
  /**
   * Fields that no client may say, since they tell an upstream who it is: in lower case, with a hyphen for all but letters and
   * digits. The same for all routes; absent: none.
   */
  readonly withheld?: ReadonlySet<string>
  readonly hostHeader: 'target' | 'client'
  /** The plugins that run on this route only: their names, sorted, with a space between. */
  readonly pluginSet: string
  /** Limits and lists decide and report, and refuse nobody. */
  readonly observe: boolean
  /** Who may use it, by address; absent: everybody. */
  readonly access?: AccessList
  /** Absent: what the upstream says passes as it is. */
  readonly cors?: CorsRules
  /** How many requests it takes; absent: any number. */
  readonly rateLimits?: readonly RateLimit[]
  /** Absent: every request is taken, whoever has a browser send it. */
  readonly csrf?: CsrfRules
  /** What answers tell browsers; absent: what the upstream does. */
  readonly careful?: CarefulFields
  /** Who gets copies of its requests; absent: nobody. */
  readonly mirrors?: readonly Mirroring[]
  /** What goes wrong on purpose; absent: nothing. */
  readonly fault?: Faulting
  /** Absent: answers have the coding that the upstream gave them. */
  readonly compress?: CompressionRules
  /** In place of the group's. */
  readonly retry?: Partial<RetryRules>
  /** Line of the configuration file. */
  readonly line?: number
}
