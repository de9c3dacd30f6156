import {
  capacityPerSecond,
  type Defence,
  defences,
  metastable,
  offeredPerSecond,
  outage,
  seconds
} from '../scenarios/metastable.ts'
import { lineChart } from './chart.ts'
import { fixed } from './scale.ts'
import { middle, type Section, table } from './section.ts'

const seeds = [1, 2, 3]
const plotted: readonly Defence[] = [
  'one retry, whatever happens',
  'one retry within a budget of 10 %',
  'a fixed limit of 60 under way',
  'an adaptive limit',
  'everything as it is when nothing is configured'
]

export function metastableSection(): Section {
  // The keys of an object literal of this type.
  const names = Object.keys(defences) as Defence[]
  const results = names.map(name => ({ name, runs: seeds.map(seed => metastable(seed, name)) }))
  const rows = results.map(({ name, runs }) => {
    const rate = (from: number, until: number) => `${middle(runs.map(run => run.goodput(from, until))).toFixed(0)}/s`
    const sent = `${middle(runs.map(run => run.attemptRate(45, 119))).toFixed(0)}/s`
    return [name, rate(0, 30), rate(41, 45), rate(45, 55), rate(55, 119), sent]
  })
  const chart = lineChart({
    title: `Good answers a second; the service can do ${capacityPerSecond}, and is asked ${offeredPerSecond}`,
    x: { title: 'second', scale: fixed([0, 20, 40, 60, 80, 100, seconds]) },
    y: { title: 'good answers a second', scale: fixed([0, 50, 100, 150, 200, 250, 300, 350]) },
    lines: results
      .filter(({ name }) => plotted.includes(name))
      .map(({ name, runs }) => ({
        name: shortened(name),
        points: (runs[0]?.series(seconds, second => second.goodEnded) ?? []).map((rate, second) => [second + 0.5, rate] as const)
      })),
    spans: [{ from: outage[0] / 1000, until: outage[1] / 1000, name: 'outage' }]
  })
  return { charts: new Map([['metastable.svg', chart]]), markdown: markdown(rows) }
}

const shortened = (name: Defence) => (name.startsWith('everything') ? 'nothing configured' : name)

const markdown = (rows: readonly (readonly string[])[]) => `## A metastable failure

Source: Bronson et al., "Metastable failures in distributed systems" (HotOS 2021). A service that can do ${capacityPerSecond} requests a second
is asked ${offeredPerSecond} a second, stops for 10 s, and then works through its queue in order, also for clients that have gone. Clients wait 1 s
and may try once more. Good answers a second, median of seeds ${seeds.join(', ')}:

${table(['the gateway', 'before', '41-45 s', '45-55 s', '55-119 s', 'sent, 45-119 s'], rows)}

![Good answers over time](simulation/metastable.svg)

As published, the outage ends and the failure does not: what the service answers was given up a second ago. Retries add nothing
here, because a target that did not answer in time is not asked the same again, and there is only one. That does not help: 2800
requests are waiting, and 20 a second is all that the service can
catch up. What helps is not to send what would come too late: a limit with a short queue, or a breaker, keeps the service's queue
short, and it is back within seconds. Where nothing is configured the breaker does it.
`
