/** What an operator wants to be forgotten: all, of one upstream, or what lies at a path, below one, or has a tag. */
export interface Purge {
  readonly upstream?: string | undefined
  readonly kind: 'all' | 'path' | 'prefix' | 'tag'
  /** The path (with its query, or for every query), the beginning of one, or the tag; nothing for all. */
  readonly value: string
}

/** What of a stored answer is looked at. */
export interface Purgeable {
  readonly upstream: string
  readonly path: string
  /** With its question mark, or nothing. */
  readonly search: string
  readonly tags: readonly string[]
  readonly storedAt: number
}

/** Above so many the older half becomes one purge of all that was stored before, so that they stay few to look through. */
const most = 2000
const mostPrefixes = 200

/**
 * Forgets without looking through a store: whatever was stored before a purge that names it counts as not there, and goes when
 * its time or room runs out. Instants are milliseconds since 1970.
 */
export class Purges {
  readonly #at = new Map<string, number>()
  readonly #prefixes = new Map<string, Purge>()

  /** `from`: what `list` gave. */
  constructor(from: readonly (readonly [Purge, number])[] = []) {
    for (const [purge, at] of from) this.#note(purge, at)
  }

  add(purge: Purge, now: number): void {
    if (this.#at.size >= most || this.#prefixes.size >= mostPrefixes) this.#fold()
    this.#note(purge, now)
  }

  has({ upstream, path, search, tags, storedAt }: Purgeable): boolean {
    if (this.#at.size === 0) return false
    // One that was stored in the same millisecond may be older.
    const since = (purge: Purge) => (this.#at.get(keyOf(purge)) ?? -1) >= storedAt
    const named = (kind: Purge['kind'], value: string) => since({ kind, value }) || since({ upstream, kind, value })
    if (named('all', '') || named('path', path) || (search !== '' && named('path', path + search))) return true
    if (tags.some(tag => named('tag', tag))) return true
    for (const purge of this.#prefixes.values()) {
      if ((purge.upstream ?? upstream) === upstream && path.startsWith(purge.value) && since(purge)) return true
    }
    return false
  }

  /** All that stand, each with when it was made. */
  list(): [Purge, number][] {
    return [...this.#at].map(([key, at]): [Purge, number] => {
      const [upstream, kind, value]: [string | null, Purge['kind'], string] = JSON.parse(key)
      return [{ ...(upstream === null ? {} : { upstream }), kind, value }, at]
    })
  }

  #fold(): void {
    const older = this.list().slice(0, Math.ceil(this.#at.size / 2))
    for (const [purge] of older) {
      this.#at.delete(keyOf(purge))
      this.#prefixes.delete(keyOf(purge))
    }
    const [, last] = older.at(-1) ?? []
    if (last !== undefined) this.#note({ kind: 'all', value: '' }, last)
  }

  /** The latest stands last. */
  #note(purge: Purge, at: number): void {
    const key = keyOf(purge)
    const latest = Math.max(at, this.#at.get(key) ?? 0)
    this.#at.delete(key)
    this.#at.set(key, latest)
    if (purge.kind === 'prefix') this.#prefixes.set(key, purge)
  }
}

const keyOf = ({ upstream, kind, value }: Purge) => JSON.stringify([upstream ?? null, kind, value])
