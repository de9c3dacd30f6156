/** A part of the report: text in Markdown, and the plots that it shows, by file name. */
export interface Section {
  readonly markdown: string
  readonly charts: ReadonlyMap<string, string>
}

/** A Markdown table. Columns are as wide as their widest cell, as a formatter would have them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) => Math.max(3, cell.length, ...rows.map(row => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  return [line(head), `| ${widths.map(width => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n')
}

/** The one in the middle; of an even number the upper of the two. */
export function middle(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

export const percent = (share: number, digits = 2) => `${(100 * share).toFixed(digits)} %`

/** Two or three digits that mean something. */
export const milliseconds = (ms: number) => `${ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`
