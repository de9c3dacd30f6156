import type { Load } from '../model/picker.ts'
import { placeOfKey } from '../model/request-key.ts'
import { PerTarget, type Target } from '../model/target.ts'

/** 32 bits of a text, the same on every gateway. */
export function hashOf(text: string): number {
  // A place is a whole number of 2^-32.
  return (placeOfKey(text) * 0x1_0000_0000) >>> 0
}

/** 32 bits that look unrelated to those given: the finaliser of MurmurHash3 (Austin Appleby, public domain). */
export function mixed(bits: number): number {
  let hash = bits
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/**
 * Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 6(1), 1998), weighted as in Schindelhauer and Schomaker, SPAA 2005:
 * each target has a score for each key, -weight / ln(u) with u drawn by the hash of both, and the highest has the key. When a
 * target goes its keys go each to its next score, and no other key moves. A target is known by its id alone.
 */
export class Rendezvous {
  readonly #seeds = new PerTarget(({ id }) => ({ seed: hashOf(id) }))

  /**
   * The candidate with the highest score, or with `inFlight` the highest of those that have less in flight than `perWeight` for
   * their weight, rounded up; where no one has less, the highest again. `key` is `hashOf` the text. Targets of weight 0 score
   * only where all are of weight 0, and then count as 1.
   */
  highest(candidates: readonly Target[], key: number, inFlight?: Load, perWeight = 0): Target {
    const even = weightOf(candidates) === 0
    let best: Target | undefined
    let bestScore = 0
    for (const target of candidates) {
      const weight = even ? 1 : target.weight
      // Half a step keeps u above 0 and below 1.
      const u = (mixed(key ^ this.#seeds.of(target).seed) + 0.5) / 0x1_0000_0000
      const score = weight / -Math.log(u)
      if (score <= bestScore || (inFlight !== undefined && inFlight(target) >= Math.ceil(perWeight * weight))) continue
      best = target
      bestScore = score
    }
    return best ?? this.highest(candidates, key)
  }
}

/** The sum of their weights. */
export function weightOf(targets: readonly Target[]): number {
  let sum = 0
  for (const { weight } of targets) sum += weight
  return sum
}
