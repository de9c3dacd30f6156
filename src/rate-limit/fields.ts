import type { RateLimit } from '../model/rate-limit.ts'
import type { Standing } from './store.ts'

const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000))

/**
 * `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10, section 3): quota and window of each limit, in whole seconds, or the
 * unit of one that has no window.
 */
export function policyField(limits: readonly RateLimit[]): string {
  return limits
    .map(({ name, limit, windowMs, algorithm }) =>
      algorithm === 'concurrency'
        ? `"${name}";q=${limit};qu="concurrent-requests"`
        : `"${name}";q=${limit};w=${seconds(windowMs)}`
    )
    .join(', ')
}

/** `RateLimit` (the same draft, section 4): what is left, and in how many seconds all of it is back. */
export function standingField(standings: readonly Standing[]): string {
  let field = ''
  for (const { limit, remaining, resetMs } of standings) {
    if (field !== '') field += ', '
    field += `"${limit.name}";r=${remaining}`
    if (limit.algorithm !== 'concurrency') field += `;t=${Math.ceil(resetMs / 1000)}`
  }
  return field
}

/** Seconds for `Retry-After`, at least one. */
export const retryAfter = (retryMs: number): string => String(seconds(retryMs))

/** `x-ratelimit-limit`, `-remaining` and `-reset` of the limit that asked for them and has least left; undefined where none did. */
export function legacyFields(standings: readonly Standing[]): Readonly<Record<string, string>> | undefined {
  const [tightest] = standings.filter(({ limit }) => limit.legacyHeaders).sort((one, other) => one.remaining - other.remaining)
  if (tightest === undefined) return undefined
  return {
    'x-ratelimit-limit': String(tightest.limit.limit),
    'x-ratelimit-remaining': String(tightest.remaining),
    'x-ratelimit-reset': String(Math.ceil(tightest.resetMs / 1000))
  }
}
