import { readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { Cancel, Scheduler } from '../time/scheduler.ts'

/** How often a file is looked at, in milliseconds. What changed is used after the second look that finds it the same. */
export const lookEveryMs = 500

/** A file of credentials larger than this is not read. */
const largestBytes = 32 * 1024 * 1024

export interface FileUser {
  read(text: string): void
  /** In words, without the path; told once, until the file changes. */
  failed(why: string): void
}

/**
 * A file that is read now and whenever it has changed. It is looked at by its name: an editor that writes another file and renames
 * it is seen too, which watchers of the system miss. A change counts when it stays the same from one look to the next, so that
 * a file that is just being written is not read half.
 */
export class WatchedFile {
  readonly #path: string
  readonly #scheduler: Scheduler
  readonly #user: FileUser
  #cancel: Cancel = () => {}
  #stopped = false
  /** What the file looked like when it was last read, and at the last look. */
  #read: string
  #seen: string

  /** Reads it at once, and makes the caller wait for it. */
  constructor(path: string, scheduler: Scheduler, user: FileUser) {
    this.#path = path
    this.#scheduler = scheduler
    this.#user = user
    this.#read = this.#seen = this.#readNow()
    this.#next()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #readNow(): string {
    try {
      const stats = statSync(this.#path, { bigint: true })
      const wrong = unfit(stats)
      if (wrong === undefined) this.#user.read(readFileSync(this.#path, 'utf8'))
      else this.#user.failed(wrong)
      return stampOf(stats)
    } catch (error) {
      this.#user.failed(whyNot(error))
      return codeOf(error)
    }
  }

  #next(): void {
    if (!this.#stopped) this.#cancel = this.#scheduler.after(lookEveryMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    const found = await this.#find()
    if (this.#stopped) return
    if ('text' in found) this.#user.read(found.text)
    else if (found.wrong !== undefined) this.#user.failed(found.wrong)
    this.#next()
  }

  /** What is there to be told. Never rejects. */
  async #find(): Promise<Finding> {
    const stats = await stat(this.#path, { bigint: true }).catch((error: unknown) => ({ error }))
    if ('error' in stats) return { wrong: this.#isNew(codeOf(stats.error)) ? whyNot(stats.error) : undefined }
    if (!this.#isNew(stampOf(stats))) return { wrong: undefined }
    const wrong = unfit(stats)
    if (wrong !== undefined) return { wrong }
    const read = readFile(this.#path, 'utf8').then(text => ({ text }))
    return read.catch((error: unknown) => ({ wrong: whyNot(error) }))
  }

  /** Whether this is to be read: it differs from what was read, and is the same as at the last look. */
  #isNew(stamp: string): boolean {
    const isSettled = stamp === this.#seen
    this.#seen = stamp
    if (!isSettled || stamp === this.#read) return false
    this.#read = stamp
    return true
  }
}

type Finding = { readonly text: string } | { readonly wrong: string | undefined }

/** Whoever opened a pipe would wait for ever. */
function unfit(stats: Stats): string | undefined {
  if (!stats.isFile()) return 'it is no file'
  return stats.size > largestBytes ? 'it is larger than 32mb' : undefined
}

interface Stats {
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
  readonly ctimeNs: bigint
  isFile(): boolean
}

const stampOf = ({ ino, size, mtimeNs, ctimeNs }: Stats) => `${ino}:${size}:${mtimeNs}:${ctimeNs}`

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')

function whyNot(error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    default:
      return `it cannot be read (${codeOf(error)})`
  }
}
