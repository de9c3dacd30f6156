import type { Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import { AliasTables } from './alias-table.ts'
import { type LatencyEstimate, Watch } from './watch.ts'

/** How long the past counts: an old time shrinks to 1/e in this. */
const tauMs = 10_000

/** Takes a peak over at once and comes down slowly: what rises is a warning, what falls has to last. */
class PeakTime implements LatencyEstimate {
  known = false
  #costMs = 0
  #answeredAt = 0

  add(latencyMs: number, _inFlight: number, now: number): void {
    const kept = this.#kept(now)
    this.#costMs = latencyMs > this.#costMs ? latencyMs : this.#costMs * kept + latencyMs * (1 - kept)
    this.#answeredAt = now
    this.known = true
  }

  at(now: number): number {
    return this.#costMs * this.#kept(now)
  }

  #kept(now: number): number {
    return Math.exp(-Math.max(0, now - this.#answeredAt) / tauMs)
  }
}

/**
 * Peak EWMA as Finagle has it (twitter/finagle, loadbalancer/PeakEwma.scala): two targets are drawn by weight, the one with the
 * lesser load is taken: cost x (in flight + 1) / weight. Other than there, reading the cost does not change it, requests that
 * wait count with their age, and a failure is never fast, see `Watched.expectedMs`.
 */
export function peakEwma(): Picker {
  const tables = new AliasTables()
  const watch = new Watch(() => new PeakTime())
  const load = (target: Target, now: number) => {
    const watched = watch.of(target)
    return watched.expectedMs(now, watch.typicalMs) * (watched.inFlight + 1)
  }
  return {
    algorithm: 'peak-ewma',
    observer: watch,
    pick(candidates, { now, random }) {
      // Candidates are never empty, see `Picker`.
      if (candidates.length === 1) return candidates[0]!
      const table = tables.of(candidates)
      const one = table.draw(random)
      // Both are indexes of the candidates.
      const first = candidates[one]!
      const second = candidates[table.drawAnother(one, random)]!
      return load(second, now) * first.weight < load(first, now) * second.weight ? second : first
    }
  }
}
