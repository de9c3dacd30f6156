import type { PickContext, Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import type { TelemetryView } from '../model/telemetry.ts'
import { AliasTable } from './alias-table.ts'
import { LatencyByLoad } from './latency-by-load.ts'
import { ProbePool } from './probe-pool.ts'
import { Watch } from './watch.ts'

/** Targets that each pick looks at anew. */
const probesPerPick = 3
/** Draws until as many different ones are found; fewer do where one weight outweighs the others. */
const draws = 8
/** From this share of failures on a target is taken only where all fail: three in a row make it 0.27. */
const failingShare = 0.2

/** The pool of one candidate list. */
interface Pool {
  readonly probes: ProbePool
  /** Indexes of the candidates that may be picked: those of weight 0 only where all are. */
  readonly eligible: readonly number[]
  readonly table: AliasTable
}

/**
 * Prequal (Wydrowski et al., "Load is not what you should balance", NSDI 2024): a pool of probes, each a target's requests in
 * flight and the median latency of its recent answers near that number, and the hot-cold rule over them, see `ProbePool`. No
 * probe is sent: it is what the gateway knows of the target at that moment, with `telemetry` what the target says itself.
 *
 * Requests that fail at once would leave a target cold and quick, and draw in all traffic. So failures count in its latency, see
 * `Watched.expectedMs`, and one who fails often ranks behind every other, hot or cold.
 */
export function prequal(telemetry?: TelemetryView): Picker {
  const watch = new Watch(() => new LatencyByLoad(), telemetry)
  const pools = new WeakMap<readonly Target[], Pool>()
  return {
    algorithm: 'prequal',
    observer: watch,
    pick(candidates, context) {
      // Candidates are never empty, see `Picker`.
      if (candidates.length === 1) return candidates[0]!
      let pool = pools.get(candidates)
      if (pool === undefined) {
        pool = emptyPool(candidates)
        pools.set(candidates, pool)
      }
      const { probes } = pool
      probes.expire(context.now)
      probeSome(pool, candidates, watch, context)
      const best = probes.best(context.random)
      // Entries are indexes of the candidates.
      const picked = candidates[best]!
      probes.use(best, 1 / (picked.weight || 1), watch.typicalMs || 1)
      probes.dropOne()
      return picked
    }
  }
}

function emptyPool(candidates: readonly Target[]): Pool {
  const weights = candidates.map(({ weight }) => weight)
  const weighty = [...weights.keys()].filter(index => (weights[index] ?? 0) > 0)
  const eligible = weighty.length > 0 ? weighty : [...weights.keys()]
  return { probes: new ProbePool(weights), eligible, table: new AliasTable(eligible.map(index => weights[index] ?? 0)) }
}

/** Looks at three different targets, drawn by weight, or at all where there are no more. */
function probeSome(
  { probes, eligible, table }: Pool,
  candidates: readonly Target[],
  watch: Watch<LatencyByLoad>,
  context: PickContext
) {
  const { now, random } = context
  if (eligible.length <= probesPerPick) {
    for (const index of eligible) probe(probes, index, candidates, watch, now)
    return
  }
  // A table draws indexes of what it was built from.
  const one = table.draw(random)
  const two = table.drawAnother(one, random)
  probe(probes, eligible[one]!, candidates, watch, now)
  probe(probes, eligible[two]!, candidates, watch, now)
  for (let i = 0; i < draws; i++) {
    const three = table.draw(random)
    if (three === one || three === two) continue
    probe(probes, eligible[three]!, candidates, watch, now)
    return
  }
}

function probe(probes: ProbePool, index: number, candidates: readonly Target[], watch: Watch<LatencyByLoad>, now: number): void {
  // Eligible are indexes of the candidates.
  const target = candidates[index]!
  const watched = watch.of(target)
  const inFlight = watch.inFlight(target, now)
  const latencyMs = watched.expectedMs(now, watch.typicalMs, inFlight)
  probes.put(index, inFlight / (target.weight || 1), latencyMs, watched.failures.at(now) >= failingShare, now)
}
