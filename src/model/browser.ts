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
