import type { OwnLimit } from '../model/consumer.ts'

const unitsMs = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000]
])
const mostRequests = 1_000_000_000
const longestMs = 24 * 86_400_000

/** What is accepted, for messages. */
export const acceptedLimit =
  'requests and the window, such as 500/1m: 1 to a billion of them, in up to 24d; whole numbers, with the unit ms, s, m, h or d'

/** Reads what `limitText` writes; undefined for anything else. */
export function readLimit(text: string): OwnLimit | undefined {
  const [, requests, count, unit = ''] = /^(\d{1,10})\/(\d{1,10})(ms|s|m|h|d)$/.exec(text) ?? []
  const limit = Number(requests)
  const windowMs = Number(count) * (unitsMs.get(unit) ?? 0)
  return limit >= 1 && limit <= mostRequests && windowMs > 0 && windowMs <= longestMs ? { limit, windowMs } : undefined
}

/** `500/1m`, the window in the largest unit that leaves a whole number. */
export function limitText({ limit, windowMs }: OwnLimit): string {
  const [unit, size] = [...unitsMs].findLast(([, length]) => windowMs % length === 0) ?? ['ms', 1]
  return `${limit}/${windowMs / size}${unit}`
}
