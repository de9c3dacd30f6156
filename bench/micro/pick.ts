/** The time of one decision: a pick of each balancing algorithm, and a look-up in the route table. Run: node bench/micro/pick.ts */
import { builtInAlgorithms, type PickerFactory } from '../../src/balance/algorithms.ts'
import { columns } from '../../src/load/columns.ts'
import type { Attempt, AttemptObserver } from '../../src/model/attempt.ts'
import type { Group } from '../../src/model/group.ts'
import type { Route } from '../../src/model/route.ts'
import type { Target } from '../../src/model/target.ts'
import { matchRequest } from '../../src/routing/router.ts'
import { RouteTable } from '../../src/routing/table.ts'
import { type Random, seededRandom } from '../../src/time/random.ts'
import { Traffic } from '../../src/upstream/traffic.ts'
import { bytesEach, nanosecondsEach } from './measure.ts'

const sizes = [3, 10, 1000]
const tables = [10, 10_000]
const keys = Array.from({ length: 64 }, (_, index) => `192.0.2.${index}`)

const targetsOf = (count: number): Target[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    url: `http://t${index}.test`,
    weight: 1 + (index % 3),
    tier: 0,
    tags: [],
    labels: {}
  }))

/** Nanoseconds and bytes of a pick among so many targets of different weight, which have answered and have a few in flight. */
function costOfPick(factory: PickerFactory, count: number): Cost {
  const random = seededRandom(1)
  const targets = targetsOf(count)
  const traffic = new Traffic()
  const picker = factory({ targets, inFlight: traffic.inFlight, by: 'ip' })
  const observers = picker.observer === undefined ? [traffic] : [traffic, picker.observer]
  for (let round = 0; round < 10; round++) for (const target of targets) use(target, round * 10, observers, random)
  // The caller's, and not counted as the pick's.
  const context = { now: 0, random, retry: false, key: keys[0] }
  const pick = (index: number) => {
    context.now = 100 + index * 0.001
    context.key = keys[index & 63]
    return picker.pick(targets, context)
  }
  return { nanoseconds: nanosecondsEach(pick), bytes: bytesEach(pick) }
}

interface Cost {
  readonly nanoseconds: number
  readonly bytes: number
}

/** One attempt, which four times of five is answered within 9 ms and else stays in flight. */
function use(target: Target, startedAt: number, observers: readonly AttemptObserver[], random: Random): void {
  const endedAt = startedAt + 1 + random() * 8
  const outcome = { kind: 'response', status: 200 } as const
  const attempt: Attempt = { target, startedAt, answeredAt: endedAt, endedAt, outcome, headers: {} }
  const isAnswered = random() < 0.8
  for (const observer of observers) {
    observer.started?.(attempt, startedAt)
    if (!isAnswered) continue
    observer.judged?.(attempt, 'success', endedAt)
    observer.ended?.(attempt, endedAt)
  }
}

/** Nanoseconds of reading a request and finding its route among so many. */
function matchTime(count: number): number {
  // Only its identity is looked at.
  const destination = { kind: 'group', group: {} as Group } as const
  const route = (prefix: string): Route => ({
    prefix,
    headers: [],
    query: [],
    destination,
    timeoutMs: 1,
    maxBodyBytes: 1,
    bufferBytes: 1,
    receiveMs: 1,
    hostHeader: 'target',
    observe: false,
    pluginSet: ''
  })
  const table = new RouteTable(Array.from({ length: count }, (_, index) => route(`/service-${index}/v1`)))
  const paths = Array.from({ length: 64 }, (_, index) => `/service-${(index * 7919) % count}/v1/items/42?page=2`)
  const headers = { host: 'shop.test' }
  return nanosecondsEach(index => matchRequest(table, 'GET', paths[index & 63] ?? '/', headers))
}

function print(title: string, head: readonly string[], rows: readonly (readonly [string, ...number[]])[]): void {
  const lines = rows.map(([name, ...times]) => [name, ...times.map(time => time.toFixed(time < 100 ? 1 : 0))])
  console.log(`${title}\n\n${columns([[...head], ...lines], ['left', ...head.slice(1).map(() => 'right' as const)])}\n`)
}

console.log(`Node ${process.version}, nanoseconds, median of seven runs\n`)
print(
  'One pick',
  ['algorithm', ...sizes.map(size => `${size} targets`), ...sizes.map(() => 'bytes')],
  [...builtInAlgorithms()].map(([name, factory]) => {
    const costs = sizes.map(size => costOfPick(factory, size))
    return [name, ...costs.map(({ nanoseconds }) => nanoseconds), ...costs.map(({ bytes }) => bytes)]
  })
)
print(
  'One request read and matched',
  ['', ...tables.map(count => `${count} routes`)],
  [['matchRequest', ...tables.map(matchTime)]]
)
