import type { TelemetryVector } from '../model/telemetry.ts'
import { type Matrix, product, solved } from './matrix.ts'

export type Metric = 'euclidean' | 'mahalanobis'

const features = ['cpu', 'memory', 'latency', 'inFlight'] as const

/**
 * Distances from one vector to others, over the features that all of them have and in which they differ, each divided by its
 * standard deviation. Euclidean as they are; Mahalanobis by the inverse of their correlation, which is shrunk (Ledoit and Wolf,
 * 2004, in spirit): the fewer vectors there are for each feature, the more. Everybody is as far where nothing is known.
 */
export function distances(
  from: TelemetryVector | undefined,
  to: readonly (TelemetryVector | undefined)[],
  metric: Metric
): number[] {
  const known = [from, ...to].filter(vector => vector !== undefined)
  if (known.length < to.length + 1) return to.map(() => 0)
  const columns = features.flatMap(feature => standardised(known.map(vector => vector[feature])) ?? [])
  const correlation = metric === 'euclidean' ? undefined : shrunk(columns)
  return to.map((_vector, index) => {
    // The first point is the one from which distances are measured.
    const apart = columns.map(column => (column[index + 1] ?? 0) - (column[0] ?? 0))
    return Math.sqrt(Math.max(0, product(apart, correlation === undefined ? apart : solved(correlation, apart))))
  })
}

/** As many standard deviations from the mean; undefined where one is not known, or all are the same and it says nothing. */
function standardised(values: readonly (number | undefined)[]): [number[]] | undefined {
  const known = values.filter(value => value !== undefined)
  if (known.length < values.length || Math.max(...known) === Math.min(...known)) return undefined
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length)
  return deviation > 0 ? [known.map(value => (value - mean) / deviation)] : undefined
}

/** The correlation with a part of what is beside its diagonal: nothing below five points for each feature, more the more there are. */
function shrunk(columns: readonly number[][]): Matrix {
  const points = columns[0]?.length ?? 1
  const kept = Math.max(0, 1 - (5 * columns.length) / points)
  return columns.map((column, i) => columns.map((other, j) => (i === j ? 1 : (kept * product(column, other)) / points)))
}
