/** Rows of columns. */
export type Matrix = number[][]

export const product = (one: readonly number[], other: readonly number[]): number =>
  one.reduce((sum, value, i) => sum + value * (other[i] ?? 0), 0)

/** What the matrix has to be multiplied by to make the vector: Gaussian elimination with the largest pivot. The matrix has an inverse. */
export function solved(matrix: Matrix, vector: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, vector[i] ?? 0])
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0
  for (let column = 0; column < rows.length; column++) {
    let pivot = column
    for (let row = column + 1; row < rows.length; row++) if (Math.abs(at(row, column)) > Math.abs(at(pivot, column))) pivot = row
    const divisor = at(pivot, column)
    const chosen = (rows[pivot] ?? []).map(value => value / divisor)
    rows[pivot] = rows[column] ?? []
    rows[column] = chosen
    for (let row = 0; row < rows.length; row++) {
      const factor = at(row, column)
      if (row !== column) rows[row] = (rows[row] ?? []).map((value, j) => value - factor * (chosen[j] ?? 0))
    }
  }
  return rows.map(row => row[rows.length] ?? 0)
}
