import { type Directives, secondsOf } from './directives.ts'
import { type Fields, httpDate } from './fields.ts'

/** Answers whose freshness may be guessed (RFC 9110 section 15.1), but 206, which is not stored. */
const heuristic: ReadonlySet<number> = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501])

/** So long at most, in milliseconds, a guess is trusted. */
const longestGuessMs = 24 * 3_600_000

/** When an answer was asked for and when it came, in milliseconds since 1970. */
export interface Exchanged {
  readonly askedAt: number
  readonly cameAt: number
}

export const isHeuristic = (status: number): boolean => heuristic.has(status)

/** How long an answer is fresh from when its age was 0, in milliseconds (RFC 9111 section 4.2.1); undefined: it does not say. */
export function lifetimeMs(status: number, fields: Fields, directives: Directives, cameAt: number): number | undefined {
  const seconds = secondsOf(directives, 's-maxage') ?? secondsOf(directives, 'max-age')
  if (seconds !== undefined) return seconds * 1000
  const date = httpDate(fields['date']) ?? cameAt
  if (fields['expires'] !== undefined) return Math.max(0, (httpDate(fields['expires']) ?? date) - date)
  const modified = httpDate(fields['last-modified'])
  if (modified === undefined || !(isHeuristic(status) || directives.has('public'))) return undefined
  // Section 4.2.2 names a tenth of the time since it changed.
  return Math.min(longestGuessMs, Math.max(0, date - modified) / 10)
}

/** How old an answer was when it came, in milliseconds (section 4.2.3). */
export function initialAgeMs(fields: Fields, { askedAt, cameAt }: Exchanged): number {
  const apparent = Math.max(0, cameAt - (httpDate(fields['date']) ?? cameAt))
  return Math.max(apparent, ageMs(fields) + cameAt - askedAt)
}

/** What cannot be read, several values among it, makes the answer too old to be used. */
function ageMs(fields: Fields): number {
  const age = fields['age']
  if (age === undefined) return 0
  return typeof age === 'string' && /^\d+$/.test(age.trim()) ? Math.min(Number(age), oldestSeconds) * 1000 : oldestSeconds * 1000
}

/** RFC 9111 section 1.2.2. */
const oldestSeconds = 2 ** 31
