import { hash } from 'node:crypto'
import type { cacheStores } from 'undici'
import { type Asked, selection } from './asked.ts'
import type { Entry } from './entry.ts'
import type { Purge, Purges } from './purges.ts'

/** One of undici's stores, which answer at once. */
export type Backing = InstanceType<(typeof cacheStores)['MemoryCacheStore']>
type Held = Exclude<ReturnType<Backing['get']>, Promise<unknown>>

/** What makes up a store. */
export interface AnswerStoreParts {
  readonly backing: Backing
  readonly purges: Purges
  /** Keeps what was purged, where the store outlives the process. */
  readonly purged: () => void
  /** The store does not work, or does again. */
  readonly broken: (error: Error | undefined) => void
}

/** What was looked for and the names of the fields that select it. */
export interface Found {
  readonly entry: Entry | undefined
  /** Something is stored for the address, whether or not for this request. */
  readonly known: boolean
}

/**
 * Answers in one of undici's stores. For each address there stands a marker with the fields that select among its answers, and
 * a name for this set of answers; the answers stand under that name, so that without the marker none of them is found.
 * Undici's own selection by Vary goes through all answers of an address, which on disk means to read them all.
 * Whatever the store throws counts as nothing found, and nothing kept.
 */
export class AnswerStore {
  readonly #parts: AnswerStoreParts
  #generations = 0
  #isBroken = false

  constructor(parts: AnswerStoreParts) {
    this.#parts = parts
  }

  find(asked: Asked): Found {
    const marker = this.#marker(asked)
    if (marker === undefined) return { entry: undefined, known: false }
    const held = this.#get(keyOf(asked, marker))
    if (held === undefined) return { entry: undefined, known: true }
    const entry = entryIn(held)
    const { upstream, path, search } = asked
    const isPurged = this.#parts.purges.has({ upstream, path, search, tags: entry.tags, storedAt: entry.storedAt })
    return isPurged ? { entry: undefined, known: false } : { entry, known: true }
  }

  /** `stored` is called when it can be found, or will not be. */
  put(asked: Asked, names: readonly string[], entry: Entry, stored: () => void): void {
    const before = this.#marker(asked)
    const all = [...new Set([...(before?.names ?? []), ...names])].sort()
    const isNew = before === undefined || all.length !== before.names.length
    const marker = isNew ? { names: all, generation: `${entry.storedAt.toString(36)}-${++this.#generations}` } : before
    // It is there for as long as the longest of its answers.
    const last = Math.max(entry.deleteAt, before?.deleteAt ?? 0)
    if (isNew || last > before.deleteAt) {
      this.#write(addressOf(asked), markerValue(marker.names, marker.generation, last), undefined, () => {})
    }
    this.#write(keyOf(asked, marker), storedForm(entry), entry.body, stored)
  }

  /** Forgets all answers of an address. */
  drop(asked: Asked): void {
    this.#try(() => void this.#parts.backing.delete(addressOf(asked)))
  }

  purge(purge: Purge, now: number): void {
    this.#parts.purges.add(purge, now)
    this.#parts.purged()
  }

  #marker(asked: Asked): Marker | undefined {
    const held = this.#get(addressOf(asked))
    if (held === undefined) return undefined
    const { ':names': names, ':generation': generation } = held.headers
    return { names: [names ?? []].flat(), generation: String(generation), deleteAt: held.deleteAt }
  }

  #get(key: Key): NonNullable<Held> | undefined {
    // Undici's type allows for stores that answer later; neither of its own does.
    return this.#try(() => this.#parts.backing.get(key) as Held)
  }

  #write(key: Key, value: Parameters<Backing['createWriteStream']>[1], body: Buffer | undefined, done: () => void): void {
    const stream = this.#try(() => this.#parts.backing.createWriteStream(key, value))
    if (stream === undefined) return void done()
    stream.on('error', error => this.#failed(error))
    // A marker is small: it may fit where no answer does.
    if (body !== undefined) stream.on('finish', () => this.#worked())
    stream.on('close', done)
    stream.end(body)
  }

  #try<Result>(use: () => Result): Result | undefined {
    try {
      return use()
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }

  /** Only a write tells: a full disk can be read. */
  #worked(): void {
    if (this.#isBroken) this.#parts.broken(undefined)
    this.#isBroken = false
  }

  #failed(error: unknown): void {
    if (!this.#isBroken) this.#parts.broken(error instanceof Error ? error : new Error(String(error)))
    this.#isBroken = true
  }
}

interface Marker {
  readonly names: readonly string[]
  readonly generation: string
  readonly deleteAt: number
}

interface Key {
  readonly origin: string
  readonly method: string
  readonly path: string
}

const addressOf = ({ upstream, site, path, search }: Asked): Key => ({
  // What a client says of its host cannot make it another address.
  origin: `${upstream} ${encodeURIComponent(site)}`,
  method: 'GET',
  path: path + search
})

const keyOf = (asked: Asked, { names, generation }: Pick<Marker, 'names' | 'generation'>): Key => ({
  origin: `${generation} ${hash('sha256', selection(asked, names), 'base64url')}`,
  method: 'GET',
  path: asked.path + asked.search
})

const markerValue = (names: readonly string[], generation: string, deleteAt: number) => ({
  statusCode: 200,
  statusMessage: '',
  headers: { ':names': [...names], ':generation': generation },
  cachedAt: 0,
  staleAt: deleteAt,
  deleteAt
})

const storedForm = ({ status, fields, bornAt, staleAt, deleteAt, storedAt, tags }: Entry) => ({
  statusCode: status,
  statusMessage: '',
  // A field cannot begin with a colon: these are beside those of the answer.
  headers: { ...fields, ':stored': String(storedAt), ':tags': [...tags] },
  cachedAt: bornAt,
  staleAt,
  deleteAt
})

function entryIn({ statusCode, headers, body, cachedAt, staleAt, deleteAt }: NonNullable<Held>): Entry {
  const { ':stored': stored, ':tags': tags, ...fields } = headers
  return {
    status: statusCode,
    fields,
    body: bytesOf(body),
    bornAt: cachedAt,
    staleAt,
    deleteAt,
    storedAt: Number(stored),
    tags: [tags ?? []].flat()
  }
}

/** The store in memory gives the pieces that were written, the one on disk one piece. */
function bytesOf(body: NonNullable<Held>['body']): Buffer {
  if (body instanceof Buffer) return body
  const pieces: Buffer[] = Array.isArray(body) ? body : []
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
}
