interface Entry<Value> {
  readonly value: Value
  users: number
}

/** A value that somebody uses until it is released. */
export interface Use<Value> {
  readonly value: Value
  /** Harmless the second time. */
  release(): void
}

/** Values that live as long as somebody uses them: one for each key. */
export class Shared<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #end: (value: Value) => void

  constructor(end: (value: Value) => void) {
    this.#end = end
  }

  get size(): number {
    return this.#entries.size
  }

  use(key: string, create: () => Value): Use<Value> {
    const entry = this.#entries.get(key) ?? { value: create(), users: 0 }
    this.#entries.set(key, entry)
    entry.users++
    let released = false
    const release = () => {
      if (released) return
      released = true
      if (--entry.users > 0) return
      this.#entries.delete(key)
      this.#end(entry.value)
    }
    return { value: entry.value, release }
  }
}
