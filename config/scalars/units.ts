/** Timers count in 31 bits of milliseconds: what is longer than this would fire at once. */
const LONGEST_MS = 24 * 86_400_000

const durationUnits = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000]
])

const sizeUnits = new Map([
  ['b', 1],
  ['kb', 1024],
  ['mb', 1024 ** 2],
  ['gb', 1024 ** 3]
])

export const durationPattern = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$'
export const sizePattern = '^[0-9]+(\\.[0-9]+)?(b|kb|mb|gb)$'

/** Whole milliseconds, or undefined. Something above zero never becomes zero, because zero often means off. */
export function readDuration(value: unknown): number | undefined {
  const ms = readQuantity(value, durationUnits)
  return ms === undefined || ms > LONGEST_MS ? undefined : ms
}

/** The same for what others remember, and no timer here waits for: of any length. */
export function readAge(value: unknown): number | undefined {
  return readQuantity(value, durationUnits)
}

/** Whole bytes, or undefined. */
export function readSize(value: unknown): number | undefined {
  return readQuantity(value, sizeUnits)
}

function readQuantity(value: unknown, units: ReadonlyMap<string, number>): number | undefined {
  if (value === 0 || value === '0') return 0
  if (typeof value !== 'string') return undefined
  const match = /^(\d{1,15}(?:\.\d{1,9})?)([a-z]{1,2})$/.exec(value)
  const unit = units.get(match?.[2] ?? '')
  if (unit === undefined) return undefined
  const amount = Number(match?.[1]) * unit
  if (!Number.isSafeInteger(Math.round(amount))) return undefined
  return amount > 0 ? Math.max(1, Math.round(amount)) : 0
}

/** Milliseconds in the largest unit that leaves a whole number. */
export function durationText(ms: number): string {
  const [unit, size] = [...durationUnits].findLast(([, length]) => ms > 0 && ms % length === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}

/** When a hedge starts: at a quantile of the answer times, 0..1, or after a fixed time. */
export type HedgeDelay = { readonly quantile: number } | { readonly ms: number }

export function readHedgeDelay(value: unknown): HedgeDelay | undefined {
  const percentile = typeof value === 'string' ? /^p([5-9]\d(?:\.\d+)?)$/.exec(value) : null
  if (percentile !== null) return { quantile: Number(percentile[1]) / 100 }
  const ms = readDuration(value)
  return ms === undefined || ms === 0 ? undefined : { ms }
}
