import type { Algorithm, Policies } from '../gateway.ts'
import { bare, finagle, seconds, slowFrom, slowUntil } from '../scenarios/finagle.ts'
import { type Line, lineChart } from './chart.ts'
import { linear } from './scale.ts'
import { middle, milliseconds, percent, type Section, table } from './section.ts'

const seeds = [1, 2, 3]

const rows: readonly { name: string; algorithm: Algorithm; policies: Policies; published: string }[] = [
  { name: 'round-robin', algorithm: 'round-robin', policies: bare, published: '95 %, by arithmetic 95.45 %' },
  { name: 'random', algorithm: 'random', policies: bare, published: '' },
  { name: 'two-choices', algorithm: 'two-choices', policies: bare, published: '99 %' },
  { name: 'least-connections', algorithm: 'least-connections', policies: bare, published: '99 %' },
  { name: 'peak-ewma', algorithm: 'peak-ewma', policies: bare, published: '99.9 %' },
  { name: 'least-time', algorithm: 'least-time', policies: bare, published: '' },
  { name: 'prequal', algorithm: 'prequal', policies: bare, published: '' },
  { name: 'round-robin, with ejection', algorithm: 'round-robin', policies: { ...bare, outliers: {} }, published: '' },
  { name: 'two-choices, with ejection', algorithm: 'two-choices', policies: { ...bare, outliers: {} }, published: '' }
]

export function finagleSection(): Section {
  const runs = rows.map(row => ({ ...row, runs: seeds.map(seed => finagle(seed, row.algorithm, row.policies)) }))
  const cells = runs.map(({ name, published, runs }) => [
    name,
    published,
    ...runs.map(run => percent(run.success)),
    milliseconds(middle(runs.map(run => run.latency.percentileMs(0.99)))),
    milliseconds(middle(runs.map(run => run.latency.percentileMs(0.999))))
  ])
  const plotted = new Set(['round-robin', 'two-choices', 'peak-ewma', 'round-robin, with ejection'])
  const lines = runs.flatMap(({ name, runs }): Line[] => {
    const late = runs[0]?.series(seconds, second => 100 * (1 - second.good / Math.max(1, second.asked))) ?? []
    return plotted.has(name) ? [{ name, points: late.map((value, second) => [second + 0.5, value]) }] : []
  })
  const chart = lineChart({
    title: 'Requests without an answer within 1 s',
    x: { title: 'second in which the request came', scale: linear(seconds) },
    y: { title: '% of the requests', scale: linear(10) },
    lines,
    spans: [{ from: slowFrom / 1000, until: slowUntil / 1000, name: 'one backend takes 2 s' }]
  })
  return { charts: new Map([['slow-backend.svg', chart]]), markdown: markdown(cells) }
}

const markdown = (cells: readonly (readonly string[])[]) => `## One slow backend of 11

Source: Buoyant, "Beyond round robin: load balancing for latency" (2016), after Finagle's own simulator. Eleven backends answer in
167 ms (standard deviation 5 ms). 1000 requests a second come for a minute; after 15 s one backend takes 2 s, for 30 s. Counted is
who has an answer within a second. Nothing is tried again and nobody is taken out, so that only the algorithm decides; the last
two rows show what ejection adds.

${table(
  ['algorithm', 'published', ...seeds.map(seed => `seed ${seed}`), 'p99, median of the seeds', 'p99.9, median of the seeds'],
  cells
)}

![Requests without an answer within a second, over time](simulation/slow-backend.svg)

The figures are met to a tenth of a percent. A rotation loses exactly the slow backend's share, 30/60 of 1/11. Counting what is in
flight sends the slow backend few requests, but goes on doing so; watching how long those that wait have been waiting stops after
the first. Ejection by comparison acts after some seconds, once most of the latest answers of that backend are slow ones.
`
