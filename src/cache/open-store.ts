import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { cacheStores } from 'undici'
import { AnswerStore, type Backing } from './answer-store.ts'
import type { CacheTerms } from './options.ts'
import { Purges } from './purges.ts'

/** A store of answers, and what it takes. */
export interface OpenStore {
  /** For logs and metrics: `memory`, or the path of its file. */
  readonly name: string
  readonly answers: AnswerStore
  /** Bytes: of bodies in memory, of the file on disk. */
  bytes(): number
  close(): void
}

/** Told when a store does not work, with why, and when it does again. */
export type Broken = (name: string, error: Error | undefined) => void

/** Opens a store. One that cannot be opened is one that keeps nothing: requests go on without it. */
export function openStore({ store, maxSize, maxEntries, maxEntry }: CacheTerms, broken: Broken): OpenStore {
  if (store === 'memory') {
    const backing = new cacheStores.MemoryCacheStore({ maxSize, maxEntrySize: maxEntry, maxCount: 2 * maxEntries })
    const parts = { backing, purges: new Purges(), purged: () => {}, broken: (error?: Error) => broken('memory', error) }
    // It has a size, which undici's types do not name.
    return { name: 'memory', answers: new AnswerStore(parts), bytes: () => (backing as unknown as Sized).size, close: () => {} }
  }
  const { disk } = store
  // Undici bounds a file by the number of its answers alone; each has a marker beside it.
  const maxCount = 2 * Math.max(1, Math.min(maxEntries, Math.floor(maxSize / maxEntry)))
  const told = (error?: Error) => broken(disk, error)
  const backing = attempt(() => new cacheStores.SqliteCacheStore({ location: disk, maxEntrySize: maxEntry, maxCount }), told)
  const purges = new Purges(readPurges(`${disk}.purges`))
  const purged = () => void attempt(() => writeFileSync(`${disk}.purges`, JSON.stringify(purges.list())), told)
  return {
    name: disk,
    answers: new AnswerStore({ backing: backing ?? nothing, purges, purged, broken: told }),
    bytes: () =>
      attempt(
        () => ['', '-wal'].reduce((sum, end) => sum + sizeOf(disk + end), 0),
        () => {}
      ) ?? 0,
    close: () =>
      void attempt(
        () => backing?.close(),
        () => {}
      )
  }
}

interface Sized {
  readonly size: number
}

const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0

function attempt<Result>(act: () => Result, told: (error: Error) => void): Result | undefined {
  try {
    return act()
  } catch (error) {
    told(error instanceof Error ? error : new Error(String(error)))
    return undefined
  }
}

const nothing: Backing = { get: () => undefined, createWriteStream: () => undefined, delete: () => {} }

/** What the process before has purged of a file that outlives it. One that cannot be read purges all that is stored. */
function readPurges(file: string): ConstructorParameters<typeof Purges>[0] {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const isNone = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    return isNone ? [] : [[{ kind: 'all', value: '' }, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0]]
  }
}
