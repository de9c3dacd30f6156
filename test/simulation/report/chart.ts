import type { Scale } from './scale.ts'

export interface Line {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

export interface Axis {
  readonly title: string
  readonly scale: Scale
  /** A tick's text; the number itself when absent. */
  readonly text?: (tick: number) => string
}

export interface Chart {
  readonly title: string
  readonly x: Axis
  readonly y: Axis
  readonly lines: readonly Line[]
  /** Parts of the x axis that stand out, such as an outage. */
  readonly spans?: readonly { readonly from: number; readonly until: number; readonly name: string }[]
}

/** Okabe and Ito's colours, which all eyes can tell apart, and dashes besides for print. */
const styles = [
  ['#0072b2', ''],
  ['#d55e00', '7 3'],
  ['#009e73', '2 3'],
  ['#cc79a7', '10 3 2 3'],
  ['#444444', '4 2'],
  ['#e69f00', '1 2']
] as const

const width = 760
const height = 380
const left = 64
const right = 20
const bottom = 48
const lineHeight = 18
const ink = '#222222'

/** A line chart as SVG: title, axes with ticks and grid, legend above the plot. */
export function lineChart({ title, x, y, lines, spans = [] }: Chart): string {
  const columns = lines.some(({ name }) => name.length > 28) ? 2 : 3
  const top = 38 + lineHeight * Math.ceil(lines.length / columns)
  const across = (value: number) => left + x.scale.place(value) * (width - left - right)
  const down = (value: number) => height - bottom - y.scale.place(value) * (height - bottom - top)
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="12" fill="${ink}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(left, 22, title, 'font-size="15" font-weight="bold"'),
    ...spans.flatMap(({ from, until, name }) => [
      `<rect x="${round(across(from))}" y="${top}" width="${round(across(until) - across(from))}" height="${height - bottom - top}" fill="#eeeeee"/>`,
      text((across(from) + across(until)) / 2, top + 14, name, 'text-anchor="middle" fill="#666666"')
    ]),
    ...y.scale.ticks.flatMap(tick => [
      rule(left, down(tick), width - right, down(tick), '#d8d8d8'),
      text(left - 8, down(tick) + 4, tickText(y, tick), 'text-anchor="end"')
    ]),
    ...x.scale.ticks.flatMap(tick => [
      rule(across(tick), height - bottom, across(tick), height - bottom + 5, ink),
      text(across(tick), height - bottom + 18, tickText(x, tick), 'text-anchor="middle"')
    ]),
    rule(left, height - bottom, width - right, height - bottom, ink),
    rule(left, top, left, height - bottom, ink),
    text((left + width - right) / 2, height - 10, x.title, 'text-anchor="middle"'),
    text(0, 0, y.title, `text-anchor="middle" transform="translate(16 ${round((top + height - bottom) / 2)}) rotate(-90)"`),
    ...lines.map((line, index) => drawn(line, index, across, down)),
    ...lines.flatMap((line, index) => legend(line.name, index, columns)),
    '</svg>'
  ]
  return `${parts.join('\n')}\n`
}

function legend(name: string, index: number, columns: number): string[] {
  const [colour, dash] = styleOf(index)
  const x = left + (index % columns) * ((width - left - right) / columns)
  const y = 38 + lineHeight * Math.floor(index / columns)
  return [rule(x, y, x + 28, y, colour, `stroke-width="2.5" stroke-dasharray="${dash}"`), text(x + 34, y + 4, name)]
}

function drawn({ points }: Line, index: number, across: (x: number) => number, down: (y: number) => number): string {
  const [colour, dash] = styleOf(index)
  const path = points.map(([x, y]) => `${round(across(x))},${round(down(y))}`).join(' ')
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}" stroke-linejoin="round"/>`
}

// There are as many styles as a chart may have lines; more begin anew.
const styleOf = (index: number) => styles[index % styles.length]!

const rule = (x1: number, y1: number, x2: number, y2: number, colour: string, more = '') =>
  `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" stroke="${colour}" ${more}/>`

const text = (x: number, y: number, words: string, more = '') =>
  `<text x="${round(x)}" y="${round(y)}" ${more}>${escaped(words)}</text>`

const tickText = (axis: Axis, tick: number) => axis.text?.(tick) ?? String(tick)
const round = (value: number) => Math.round(value * 10) / 10
const escaped = (words: string) => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
