import type { Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import { type LatencyEstimate, Watch } from './watch.ts'

/** Share of one answer in the mean. */
const gain = 0.05
/** After this long without an answer the estimate is halved, and once more each time. */
const halveEveryMs = 10_000
/** Times within one step of this are taken for equal. */
const clusterMs = 20
/** Beyond this all are equally bad. */
const worstMs = 5000

/** A mean of times that old answers leave slowly, or by halves where no new ones come. */
class MeanTime implements LatencyEstimate {
  known = false
  #meanMs = 0
  #answeredAt = 0

  add(latencyMs: number, _inFlight: number, now: number): void {
    // What a pause has halved weighs half as much against the new answer: a target that recovered is not held to its past.
    const kept = this.known ? Math.min(1 - gain, this.#kept(now)) : 0
    this.#meanMs = this.#meanMs * kept + latencyMs * (1 - kept)
    this.#answeredAt = now
    this.known = true
  }

  at(now: number): number {
    return this.#meanMs * this.#kept(now)
  }

  #kept(now: number): number {
    const silentMs = now - this.#answeredAt
    return silentMs < halveEveryMs ? 1 : 0.5 ** Math.floor(silentMs / halveEveryMs)
  }
}

/**
 * The least estimated time until a new request is through: time to answer x (1 + in flight) / weight, as nginx's least_time
 * has it (ngx_http_upstream_least_time_module.c), with its three tricks. A target without answers has its time halved every
 * 10 s, so that it is tried again; requests that wait count with their age, which shows a server that hangs; times are rounded
 * up to steps of 20 ms, so that near-equal targets are told apart by what they have in flight, and then by chance. Costs a look
 * at every candidate.
 */
export function leastTime(): Picker {
  const watch = new Watch(() => new MeanTime())
  const score = (target: Target, now: number) => {
    if (target.weight === 0) return Number.POSITIVE_INFINITY
    const watched = watch.of(target)
    const expectedMs = watched.expectedMs(now, watch.typicalMs)
    // Never asked: before all others.
    return expectedMs === 0 && !watched.latency.known ? 0 : (clustered(expectedMs) * (1 + watched.inFlight)) / target.weight
  }
  return {
    algorithm: 'least-time',
    observer: watch,
    pick(candidates, { now, random }) {
      // Candidates are never empty, see `Picker`.
      let best: Target = candidates[0]!
      let bestScore = score(best, now)
      let tiedWeight = best.weight || 1
      for (let i = 1; i < candidates.length; i++) {
        const target = candidates[i]!
        const targetScore = score(target, now)
        if (targetScore > bestScore) continue
        // Among targets without any weight, each is as good.
        const weight = target.weight || 1
        tiedWeight = targetScore < bestScore ? weight : tiedWeight + weight
        // A reservoir of one: each of the tied is left with its share.
        if (targetScore < bestScore || random() * tiedWeight < weight) {
          best = target
          bestScore = targetScore
        }
      }
      return best
    }
  }
}

const clustered = (ms: number) => (ms >= worstMs ? worstMs : (Math.floor(ms / clusterMs) + 1) * clusterMs)
