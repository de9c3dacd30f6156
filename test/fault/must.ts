import type { Metrics } from './measure.ts'

/** A condition on what a run came to. */
export interface Must {
  readonly text: string
  readonly holds: (metrics: Metrics) => boolean
}

/** A share as people read it, with enough digits to tell 99.95 % from all. */
export function percent(share: number): string {
  if (share === 1) return '100 %'
  const digits = share > 0.9 ? 2 : 1
  // Rounding must not claim that all went well.
  const step = 10 ** (digits + 2)
  return `${((Math.floor(share * step) / step) * 100).toFixed(digits)} %`
}

export const noFailure: Must = { text: 'no failure', holds: ({ failed, requests }) => failed === 0 && requests > 0 }

export const noFailedGet: Must = { text: 'no failed GET', holds: ({ failedGets, requests }) => failedGets === 0 && requests > 0 }

export const noDuplicate: Must = { text: 'no POST twice', holds: ({ duplicates }) => duplicates === 0 }

export function successAtLeast(share: number): Must {
  return { text: `success >= ${percent(share)}`, holds: ({ success }) => success >= share }
}

export function p99AtMost(ms: number): Must {
  return { text: `p99 <= ${ms} ms`, holds: ({ p99 }) => p99 <= ms }
}

export function p999AtMost(ms: number): Must {
  return { text: `p99.9 <= ${ms} ms`, holds: ({ p999 }) => p999 <= ms }
}

export function attemptsAtMost(each: number): Must {
  return { text: `attempts <= ${each}`, holds: ({ amplification }) => amplification <= each }
}

/** Over the whole run and not only what is judged otherwise. */
export function attemptsOverallAtMost(each: number): Must {
  return { text: `attempts <= ${each} over the run`, holds: ({ amplificationOverall }) => amplificationOverall <= each }
}

/** `capacity` is what the upstreams can do, in requests a second. */
export function goodputAtLeast(share: number, capacity: number): Must {
  return { text: `goodput >= ${percent(share)} of capacity`, holds: ({ goodput }) => goodput >= share * capacity }
}

export function criticalAtLeast(share: number): Must {
  return { text: `critical >= ${percent(share)}`, holds: ({ critical }) => critical >= share }
}
