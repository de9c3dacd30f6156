import type { Metrics } from '../metrics.ts'
import { hedging } from '../scenarios/hedging.ts'
import { lineChart } from './chart.ts'
import { fixed, logarithmic } from './scale.ts'
import { milliseconds, percent, type Section, table } from './section.ts'

const seeds = [1, 2, 3]
const quantiles = [0.5, 0.9, 0.95, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999]

const rows = [
  { name: 'none', hedge: false, predicted: ['1000 ms', '0'] },
  { name: 'after p95', hedge: {}, predicted: ['about 20 ms', '1 %'] },
  { name: 'after 20 ms', hedge: { after: '20ms' }, predicted: ['30 ms', '1 %'] }
] as const

export function hedgingSection(): Section {
  const results = rows.map(row => ({ ...row, runs: seeds.map(seed => hedging(seed, row.hedge)) }))
  const cells = results.map(({ name, predicted, runs }) => [
    name,
    predicted[0],
    ...runs.map(run => milliseconds(run.latency.percentileMs(0.999))),
    predicted[1],
    ...runs.map(run => percent(run.attempts / run.asked - 1))
  ])
  const chart = lineChart({
    title: 'Every hundredth answer takes 1000 ms: what clients wait',
    x: {
      title: 'share of the requests that wait no longer',
      scale: fixed([0.5, 0.9, 0.99, 0.999, 0.9999], share => -Math.log10(1 - share)),
      text: share => `${Number((100 * share).toFixed(2))} %`
    },
    y: { title: 'ms', scale: logarithmic(10, 1000) },
    lines: results.map(({ name, runs }) => ({
      name: name === 'none' ? 'no hedge' : `hedge ${name}`,
      points: quantiles.map(share => [share, wait(runs, share)] as const)
    }))
  })
  return { charts: new Map([['hedging.svg', chart]]), markdown: markdown(cells) }
}

const wait = (runs: readonly Metrics[], share: number) => runs[0]?.latency.percentileMs(share) ?? 0

const markdown = (cells: readonly (readonly string[])[]) => `## Hedging

Source: Dean and Barroso, "The tail at scale" (CACM 56(2), 2013), for a single request, where the result can be computed: each of
ten targets takes 1000 ms for one answer in a hundred, at random, and 10 ms for all others. A rival starts at another target after the
delay; only where both are slow, once in 10,000, is the client's answer slow. So the p99.9 is the delay and 10 ms, and the load added
is the share of answers that take longer than the delay.

${table(
  ['hedge', 'p99.9 computed', ...seeds.map(seed => `seed ${seed}`), 'added computed', ...seeds.map(seed => `seed ${seed}`)],
  cells
)}

![What clients wait, by share](simulation/hedging.svg)
`
