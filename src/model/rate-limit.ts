export const limitAlgorithms = ['sliding', 'fixed', 'token', 'concurrency'] as const
export type LimitAlgorithm = (typeof limitAlgorithms)[number]

/** One limit of a route, as the configuration says it. */
export interface RateLimit {
  /** What fields of answers call it: unlike those of the other limits of its route. */
  readonly name: string
  /** Requests within the window, or at once; 1 at least. */
  readonly limit: number
  /** Milliseconds; 0 where requests are counted that are under way. */
  readonly windowMs: number
  readonly algorithm: LimitAlgorithm
  /** Which requests are counted together: `ip`, `route`, `consumer`, `claim:NAME`, `header:NAME` or `plugin:NAME`. */
  readonly by: string
  /** Whether answers also have the `x-ratelimit-*` that were there before the standard. */
  readonly legacyHeaders: boolean
}

/** Whether consumers' own limits take the place of this one. A number of requests in a time says nothing of those at once. */
export const takesOwn = ({ by, algorithm }: Partial<Pick<RateLimit, 'by' | 'algorithm'>>): boolean =>
  by === 'consumer' && algorithm !== 'concurrency'
