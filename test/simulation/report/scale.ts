/** One axis: where a value stands between 0 and 1, and the values that are written beside it. */
export interface Scale {
  place(value: number): number
  readonly ticks: readonly number[]
}

/** From 0 to a round number that nothing exceeds, with about five ticks. */
export function linear(most: number, least = 0): Scale {
  const step = roundStep((most - least) / 5)
  const from = Math.floor(least / step) * step
  const count = Math.max(1, Math.ceil((most - from) / step - 1e-9))
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number((from + index * step).toPrecision(12)))
  return { ticks, place: value => (value - from) / (count * step) }
}

/** From a power of ten to another, each as long; a value below `least`, which is above 0, stands at the beginning. */
export function logarithmic(least: number, most: number): Scale {
  const from = Math.floor(Math.log10(least) + 1e-9)
  const to = Math.max(from + 1, Math.ceil(Math.log10(most) - 1e-9))
  const digits = to - from > 2 ? [1] : [1, 2, 5]
  const ticks = Array.from({ length: to - from }, (_, index) => digits.map(digit => digit * 10 ** (from + index))).flat()
  ticks.push(10 ** to)
  return { ticks, place: value => Math.max(0, (Math.log10(Math.max(value, 1e-300)) - from) / (to - from)) }
}

/** With only these ticks, the first and the last of which are the ends. */
export function fixed(ticks: readonly number[], along: (value: number) => number = value => value): Scale {
  const from = along(ticks[0] ?? 0)
  const to = along(ticks.at(-1) ?? 1)
  return { ticks, place: value => (along(value) - from) / (to - from) }
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const digit = [1, 2, 5, 10].find(each => each * power >= rough - 1e-12) ?? 10
  return digit * power
}
