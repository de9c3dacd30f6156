import { getHeapStatistics } from 'node:v8'

/** How long one run lasts at least, in milliseconds: long enough that reading the clock does not count. */
const runMs = 20
const runs = 7

/**
 * Nanoseconds that one call of `work` takes: the median of several runs. `work` gets a number that goes up by one with each
 * call; what it answers is used, so that the compiler cannot leave the call out.
 */
export function nanosecondsEach(work: (index: number) => unknown): number {
  let count = 64
  // Warms the compiler up, and finds how many calls a run takes.
  while (timed(work, count) < runMs && count < 2 ** 28) count *= 2
  const each = Array.from({ length: runs }, () => (timed(work, count) * 1e6) / count)
  return each.sort((one, other) => one - other)[runs >> 1] ?? Number.NaN
}

/** Bytes that one call of `work` allocates, once the compiler is warm. */
export function bytesEach(work: (index: number) => unknown): number {
  const count = 100_000
  timed(work, count)
  const before = allocated()
  timed(work, count)
  return (allocated() - before) / count
}

/** Node 26 tells it, its types do not yet. */
const allocated = () => (getHeapStatistics() as unknown as { readonly total_allocated_bytes: number }).total_allocated_bytes

function timed(work: (index: number) => unknown, count: number): number {
  let last: unknown
  const from = performance.now()
  for (let index = 0; index < count; index++) last = work(index)
  const ms = performance.now() - from
  if (last === undefined) throw new Error('the work answered nothing')
  return ms
}
