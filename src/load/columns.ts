/** Where the cells of a column stand. */
export type Alignment = 'left' | 'right'

function width(text: string): number {
  return [...text].length
}

/**
 * Lays rows of cells out in columns for a terminal: two spaces between columns, as wide as the widest cell, no space at the
 * end of a line. A column without an alignment stands right; rows may be of different lengths.
 */
export function columns(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell))
  }
  const lines = rows.map(row => {
    const cells = row.map((cell, column) => {
      const gap = ' '.repeat((widths[column] ?? 0) - width(cell))
      return alignments[column] === 'left' ? cell + gap : gap + cell
    })
    return cells.join('  ').trimEnd()
  })
  return lines.join('\n')
}
