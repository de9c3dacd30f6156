import type { Metrics } from '../metrics.ts'
import { type PrequalScale, prequal, steps } from '../scenarios/prequal.ts'
import { lineChart } from './chart.ts'
import { fixed, logarithmic } from './scale.ts'
import { middle, percent, type Section, table } from './section.ts'

const seeds = [1, 2, 3]
const algorithms = ['round-robin', 'two-choices', 'peak-ewma', 'least-time', 'prequal'] as const
const scales: readonly PrequalScale[] = [
  { replicas: 20, gateways: 1 },
  { replicas: 20, gateways: 10 }
]

/** Of the seeds, the median at each step. */
const medians = (runs: readonly (readonly Metrics[])[], read: (step: Metrics) => number) =>
  steps.map((_, index) => middle(runs.flatMap(run => run[index] ?? []).map(read)))

const p99 = (step: Metrics) => step.latency.percentileMs(0.99)
const loadText = (load: number) => `${load.toFixed(2)}x`

export function prequalSection(): Section {
  const charts = new Map<string, string>()
  const tables = scales.map(scale => {
    const results = algorithms.map(algorithm => ({
      algorithm,
      runs: seeds.map(seed => prequal(seed, algorithm, scale))
    }))
    const rows = results.map(({ algorithm, runs }) => {
      const failed = medians(runs, step => 1 - step.success)
      const times = medians(runs, p99)
      return [
        algorithm,
        ...steps.map((_, index) => {
          const lost = failed[index] ?? 0
          return lost > 0 ? `${percent(lost, 1)} lost` : `${(times[index] ?? 0).toFixed(0)} ms`
        })
      ]
    })
    const many = scale.gateways === 1 ? '1 gateway' : `${scale.gateways} gateways`
    charts.set(
      `load-ramp-${scale.gateways}.svg`,
      lineChart({
        title: `Slowest hundredth of the answers as the load rises, ${many}`,
        x: { title: 'load, as a multiple of what the replicas are sure of', scale: fixed(steps), text: loadText },
        y: { title: 'p99, ms (5000 is a timeout)', scale: logarithmic(100, 10_000) },
        lines: results.map(({ algorithm, runs }) => ({
          name: algorithm,
          points: medians(runs, p99).map((value, index) => [steps[index] ?? 0, value] as const)
        }))
      })
    )
    return `${many}, ${scale.replicas} replicas:\n\n${table(['', ...steps.map(loadText)], rows)}\n\n![p99 by load with ${many}](simulation/load-ramp-${scale.gateways}.svg)`
  })
  return { charts, markdown: markdown(tables) }
}

const markdown = (tables: readonly string[]) => `## Load past what is sure

Source: Wydrowski et al., "Load is not what you should balance: introducing Prequal" (NSDI 2024). Each replica is sure of two
processors of its machine and has eight while nobody else uses them, which changes every 10 s or so. Work is drawn from a normal
curve whose deviation is its mean; clients wait 5 s. The load rises in nine steps of 10 s. Cells show the p99, or what was lost
where something was: the median of seeds ${seeds.join(', ')}.

${tables.join('\n\n')}

Published for a testbed of 100 clients and 100 replicas: a weighted rotation loses more than 25 % at 1.74 times the allocation,
Prequal nothing at any load. Here, too, a rotation loses requests from where the replicas on busy machines cannot follow, and prequal
loses none; its p99 stays below that of two-choices and peak-ewma once the load is high, and the more so the more gateways there
are. Two things differ. The paper's replicas tell every client how busy they are; here a gateway knows of its own requests only,
which is why ten gateways do worse than one, and why prequal is no better than the others while the load is low. And these machines
are milder: they share evenly, and a request that is given up stops at once. What the paper does not have: least-time, which looks at
every replica instead of a few, has the shortest tail in this model.
`
