import type { Random } from '../time/random.ts'

/**
 * Milliseconds to wait before the nth retry (1 is the first): full jitter, a uniform draw below a ceiling that doubles from
 * base to cap. (Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.)
 */
export function backoffMs(retry: number, [baseMs, capMs]: readonly [number, number], random: Random): number {
  return random() * Math.min(capMs, baseMs * 2 ** (retry - 1))
}
