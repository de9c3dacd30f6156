/** Remembers a bounded number of answers, each until its time. When it is full the one that was asked for longest ago goes. */
export class ExpiringCache<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string, now: number): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    if (entry.until <= now) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  /** Nothing is kept whose time is over already. */
  set(key: string, value: Value, until: number, now: number): void {
    this.#entries.delete(key)
    if (until <= now) return
    if (this.#entries.size >= this.#most) this.#makeRoom()
    this.#entries.set(key, { value, until })
  }

  #makeRoom(): void {
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
