/** A counter for each combination of label values that has occurred. Labels must be bounded: never a path, never a client's word. */
export class Counters {
  readonly labels: readonly string[]
  readonly #counts = new Map<string, { readonly values: readonly string[]; count: number }>()

  constructor(labels: readonly string[]) {
    this.labels = labels
  }

  add(...values: readonly string[]): void {
    const key = values.join('\n')
    const entry = this.#counts.get(key)
    if (entry === undefined) this.#counts.set(key, { values, count: 1 })
    else entry.count++
  }

  entries(): Iterable<{ readonly values: readonly string[]; readonly count: number }> {
    return this.#counts.values()
  }
}
