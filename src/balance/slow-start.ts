import { PerTarget, type Target } from '../model/target.ts'
import type { Warmth } from './warm.ts'

/** What a target takes at once, however long its ramp: without any traffic it would never warm up. */
const least = 0.1

/**
 * A target that returns gets its share bit by bit: a tenth at first, all of it after `windowMs`, linearly in between, as
 * Envoy's slow start with aggression 1. Nobody ramps at the start of the process: where all are new, nobody would be spared.
 */
export class SlowStart implements Warmth {
  readonly #windowMs: number
  readonly #ramps = new PerTarget(() => ({ since: Number.NEGATIVE_INFINITY }))
  #quietFrom = Number.NEGATIVE_INFINITY
  #quiet = true

  /** 0 is no slow start. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  get quiet(): boolean {
    return this.#quiet
  }

  /** The target was out and is in again. A ramp under way begins anew. */
  returned(target: Target, now: number): void {
    if (this.#windowMs <= 0) return
    this.#ramps.of(target).since = now
    this.#quietFrom = Math.max(this.#quietFrom, now + this.#windowMs)
    this.#quiet = false
  }

  of(target: Target, now: number): number {
    if (this.#quiet) return 1
    // Whoever is asked about, the last ramp ends by the clock alone.
    if (now >= this.#quietFrom) this.#quiet = true
    return Math.min(1, Math.max(least, (now - this.#ramps.of(target).since) / this.#windowMs))
  }
}
