/**
 * How a request that was waited for ended: its answer is kept, cannot be, there was none, or its client left before that was
 * known, so that another one may try.
 */
export type Landing = 'kept' | 'in-vain' | 'failed' | 'left'

/** Requests that are on their way to fill the cache; others for the same wait for them. */
export class Flights {
  readonly #waiting = new Map<string, ((how: Landing) => void)[]>()
  /** Whose last answer could not be kept: nobody waits for the next one. */
  readonly #vain = new Set<string>()
  readonly #mostVain: number

  constructor(mostVain = 10_000) {
    this.#mostVain = mostVain
  }

  get underWay(): number {
    return this.#waiting.size
  }

  isUnderWay(key: string): boolean {
    return this.#waiting.has(key)
  }

  /** Whether one is under way, and waiting for it is not known to be in vain. */
  joinable(key: string): boolean {
    return this.#waiting.has(key) && !this.#vain.has(key)
  }

  /** Waits for the one that is under way; the result ends the wait. */
  join(key: string, landed: (how: Landing) => void): () => void {
    const waiting = this.#waiting.get(key)
    if (waiting === undefined) throw new RangeError('nothing is under way')
    waiting.push(landed)
    return () => {
      const at = waiting.indexOf(landed)
      if (at >= 0) waiting.splice(at, 1)
    }
  }

  /** Begins one, unless one is under way. The result ends it; ending it again does nothing. */
  begin(key: string): ((how: Landing) => void) | undefined {
    if (this.#waiting.has(key)) return undefined
    const waiting: ((how: Landing) => void)[] = []
    this.#waiting.set(key, waiting)
    let ended = false
    return how => {
      if (ended) return
      ended = true
      this.#waiting.delete(key)
      if (how === 'kept') this.#vain.delete(key)
      if (how === 'in-vain') this.#note(key)
      for (const landed of waiting.splice(0)) landed(how)
    }
  }

  #note(key: string): void {
    this.#vain.delete(key)
    const [oldest] = this.#vain
    if (this.#vain.size >= this.#mostVain && oldest !== undefined) this.#vain.delete(oldest)
    this.#vain.add(key)
  }
}
