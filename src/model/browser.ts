import type { IncomingHttpHeaders } from 'node:http'

/** What pages of other origins may do on a route. */
export interface CorsRules {
  /** Whether pages of this origin, as the Origin field has it, may use the route. */
  allows(origin: string): boolean
  /** All may, and the answer is the same for each. */
  readonly anyOrigin: boolean
  readonly methods: readonly string[]
  /** Absent: whichever they ask for. */
  readonly headers?: readonly string[]
  readonly exposed: readonly string[]
  readonly credentials: boolean
  /** Absent: as the browser likes. */
  readonly maxAgeSeconds?: number
}

/** What about a request from a browser is not accepted: pages of its origin, or its lack of a token. */
export type BrowserCheck = 'cors' | 'csrf'

/** What tells a request that another site has a browser send. */
export interface CsrfRules {
  /** The name of the cookie that holds the token. */
  readonly cookie: string
  /** What is wrong with a request; undefined: nothing. `host` is the one that was asked for. */
  fault(request: {
    readonly method: string
    readonly headers: IncomingHttpHeaders
    readonly host: string
  }): 'origin' | 'token' | undefined
  /** Whether a Cookie field has no token. */
  lacks(cookies: string | undefined): boolean
}

/** Fields of answers that tell browsers to be careful, as they are configured. `maxAge` in milliseconds. */
export interface CarefulFields {
  readonly contentSecurityPolicy?: string
  readonly hsts: false | { readonly maxAge: number; readonly includeSubDomains: boolean; readonly preload: boolean }
  readonly frameOptions: 'deny' | 'sameorigin' | 'off'
  readonly referrerPolicy: string
  readonly resourcePolicy: 'same-origin' | 'same-site' | 'cross-origin'
  readonly openerPolicy: 'same-origin' | 'same-origin-allow-popups' | 'unsafe-none'
}
