import { type Directives, directivesOf, isWhole, secondsOf } from './directives.ts'
import type { Entry } from './entry.ts'
import { combined, type Fields } from './fields.ts'
import { mustRevalidate, type StaleRules, staleMs } from './storing.ts'

/** What may be done with a stored answer now: `revalidate` means use it, and ask for a new one meanwhile. */
export type Use = 'fresh' | 'revalidate' | 'validate'

/** The directives of a request. Pragma stands for Cache-Control where there is none (RFC 9111 section 5.4). */
export function requestDirectives(headers: Fields): Directives {
  if (headers['cache-control'] !== undefined) return directivesOf(headers)
  const isOldNoCache = /(^|,)\s*no-cache\s*(,|$)/i.test(combined(headers, 'pragma') ?? '')
  return isOldNoCache ? onlyNoCache : directivesOf(headers)
}

const onlyNoCache: Directives = new Map([['no-cache', true as const]])

/** Section 4: whether a stored answer may be used for a request without asking anybody. `now`: milliseconds since 1970. */
export function useOf({ fields, bornAt, staleAt }: Entry, asked: Directives, rules: StaleRules, now: number): Use {
  const said = directivesOf(fields)
  if (asked.has('no-cache') || isWhole(said, 'no-cache')) return 'validate'
  const age = now - bornAt
  const oldest = secondsOf(asked, 'max-age')
  if (oldest !== undefined && age >= oldest * 1000) return 'validate'
  const left = staleAt - now
  const needed = secondsOf(asked, 'min-fresh')
  if (needed !== undefined && left < needed * 1000) return 'validate'
  if (left > 0) return 'fresh'
  // Without a number any age will do.
  const accepted = asked.get('max-stale') === true ? Number.POSITIVE_INFINITY : (secondsOf(asked, 'max-stale') ?? 0) * 1000
  if (!mustRevalidate(said) && -left < accepted) return 'fresh'
  return -left < staleMs(said, 'stale-while-revalidate', rules.staleWhileRevalidateMs) ? 'revalidate' : 'validate'
}

/** RFC 5861 section 4: whether a stored answer may be used where the upstream failed. */
export function mayStandIn({ fields, staleAt }: Entry, asked: Directives, rules: StaleRules, now: number): boolean {
  const said = directivesOf(fields)
  const wanted = (secondsOf(asked, 'stale-if-error') ?? 0) * 1000
  return now - staleAt < staleMs(said, 'stale-if-error', Math.max(rules.staleIfErrorMs, wanted))
}
