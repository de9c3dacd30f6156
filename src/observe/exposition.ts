import type { BucketHistogram } from './bucket-histogram.ts'
import type { Counters } from './counters.ts'

type Labels = Readonly<Record<string, string | number>>

/** One sample as prom-client's registry takes it. */
export interface Sample {
  readonly value: number
  readonly labels: Labels
  readonly metricName?: string
}

/** A metric that is read when somebody scrapes it. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  samples(): Sample[]
}

export function counterMetric(name: string, help: string, counters: Counters): Metric {
  return {
    name,
    help,
    type: 'counter',
    samples: () =>
      [...counters.entries()].map(({ values, count }) => ({ value: count, labels: labelled(counters.labels, values) }))
  }
}

export function gaugeMetric(name: string, help: string, samples: () => Sample[]): Metric {
  return { name, help, type: 'gauge', samples }
}

/** `read` gives a histogram for each combination of labels. */
export function histogramMetric(name: string, help: string, read: () => Iterable<readonly [Labels, BucketHistogram]>): Metric {
  return {
    name,
    help,
    type: 'histogram',
    samples: () => [...read()].flatMap(([labels, histogram]) => histogramSamples(name, labels, histogram))
  }
}

function histogramSamples(name: string, labels: Labels, histogram: BucketHistogram): Sample[] {
  const buckets = histogram.cumulative()
  const total = buckets.at(-1)?.count ?? 0
  return [
    ...buckets.map(({ le, count }) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: Number.isFinite(le) ? le : '+Inf' },
      value: count
    })),
    { metricName: `${name}_sum`, labels, value: histogram.sum },
    { metricName: `${name}_count`, labels, value: total }
  ]
}

const labelled = (names: readonly string[], values: readonly string[]): Labels =>
  Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']))
