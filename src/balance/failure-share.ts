/** How much of the share one outcome replaces. */
const gain = 0.1
/** A share that nothing confirms shrinks to 1/e in this time, so that the target is tried again. */
const forgetMs = 10_000
/** Less than this is nothing. */
const least = 1e-4

/**
 * Which share of a target's latest attempts failed, 0..1: an exponentially weighted mean over outcomes, which fades with time.
 * Ten failures in a row make it 0.65, twenty 0.88.
 */
export class FailureShare {
  #share = 0
  #countedAt = 0

  count(failed: boolean, now: number): void {
    const share = this.at(now) * (1 - gain) + (failed ? gain : 0)
    this.#share = share < least ? 0 : share
    this.#countedAt = now
  }

  at(now: number): number {
    return this.#share === 0 ? 0 : this.#share * Math.exp(-Math.max(0, now - this.#countedAt) / forgetMs)
  }
}
