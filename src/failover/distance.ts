import type { TelemetryVector } from '../model/telemetry.ts'

export type Metric = 'euclidean' | 'mahalanobis'

const features = ['cpu', 'memory', 'latency', 'inFlight'] as const

/**
 * Distances from one vector to others, over the features that all of them have. Euclidean after each feature is divided by its
 * standard deviation; Mahalanobis by the inverse of a covariance that is shrunk towards its diagonal (Ledoit and Wolf, 2004, in
 * spirit): the fewer vectors there are for each feature, the more. Everybody is as far where nothing is known.
 */
export function distances(
  from: TelemetryVector | undefined,
  to: readonly (TelemetryVector | undefined)[],
  metric: Metric
): number[] {
  const known = [from, ...to].filter(vector => vector !== undefined)
  const used = features.filter(feature => known.length === to.length + 1 && known.every(vector => vector[feature] !== undefined))
  if (used.length === 0) return to.map(() => 0)
  const points = known.map(vector => used.map(feature => vector[feature] ?? 0))
  const inverse = metric === 'euclidean' ? inverseDiagonal(covariance(points)) : invert(shrunk(covariance(points), points.length))
  const [origin = [], ...others] = points
  return others.map(point =>
    Math.sqrt(
      Math.max(
        0,
        quadratic(
          inverse,
          point.map((value, i) => value - (origin[i] ?? 0))
        )
      )
    )
  )
}

type Matrix = number[][]

const at = (matrix: Matrix, row: number, column: number) => matrix[row]?.[column] ?? 0

function covariance(points: readonly number[][]): Matrix {
  const size = points[0]?.length ?? 0
  const means = Array.from({ length: size }, (_, i) => points.reduce((sum, point) => sum + (point[i] ?? 0), 0) / points.length)
  const deviation = (point: readonly number[], i: number) => (point[i] ?? 0) - (means[i] ?? 0)
  return Array.from({ length: size }, (_, i) =>
    Array.from(
      { length: size },
      (_, j) => points.reduce((sum, point) => sum + deviation(point, i) * deviation(point, j), 0) / points.length
    )
  )
}

/** All of the diagonal and a part of the rest: nothing of it below five points for each feature, more the more there are. */
function shrunk(matrix: Matrix, points: number): Matrix {
  const kept = Math.max(0, 1 - (5 * matrix.length) / points)
  return matrix.map((row, i) => row.map((value, j) => (i === j ? value : kept * value)))
}

/** A feature that is the same for all says nothing. */
const inverseDiagonal = (matrix: Matrix): Matrix =>
  matrix.map((row, i) => row.map((_value, j) => (i === j && at(matrix, i, i) > 0 ? 1 / at(matrix, i, i) : 0)))

/** Gauss-Jordan elimination with the largest pivot; the inverse of the diagonal where the matrix has none. */
function invert(matrix: Matrix): Matrix {
  const size = matrix.length
  const rows = matrix.map((row, i) => [...row, ...row.map((_value, j) => (i === j ? 1 : 0))])
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column + 1; row < size; row++)
      if (Math.abs(at(rows, row, column)) > Math.abs(at(rows, pivot, column))) pivot = row
    const divisor = at(rows, pivot, column)
    if (Math.abs(divisor) < 1e-12) return inverseDiagonal(matrix)
    const chosen = (rows[pivot] ?? []).map(value => value / divisor)
    rows[pivot] = rows[column] ?? []
    rows[column] = chosen
    for (let row = 0; row < size; row++) {
      const factor = at(rows, row, column)
      if (row !== column) rows[row] = (rows[row] ?? []).map((value, j) => value - factor * (chosen[j] ?? 0))
    }
  }
  return rows.map(row => row.slice(size))
}

const quadratic = (matrix: Matrix, vector: readonly number[]) =>
  vector.reduce((sum, value, i) => sum + value * vector.reduce((inner, other, j) => inner + at(matrix, i, j) * other, 0), 0)
