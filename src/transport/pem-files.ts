import { readFile, stat } from 'node:fs/promises'
import type { Pem, PemFollower } from '../model/pem.ts'
import { type Cancel, processScheduler, type Scheduler } from '../time/scheduler.ts'

export interface PemFilesParts {
  readonly scheduler?: Scheduler
  /** Told of files that are now in use. */
  readonly taken?: (files: readonly string[]) => void
  /** Told of files that have changed and cannot be used, and why; what was there before goes on. */
  readonly refused?: (files: readonly string[], why: string) => void
}

/** How often files are looked at, in milliseconds. */
const everyMs = 1000
const largestBytes = 1024 * 1024

interface Followed {
  readonly pems: readonly Pem[]
  readonly files: readonly string[]
  readonly use: (texts: readonly string[]) => void
  current: readonly string[]
  /** What the files looked like when they were read, and at the last look. */
  read: string
  seen: string
}

/**
 * Looks at the files of PEM texts once a second: it works with links that are changed (Kubernetes, certbot) and on file systems
 * that tell of nothing. Files are read when two looks have seen the same, so that a certificate and its key may be written one
 * after the other.
 */
export class PemFiles implements PemFollower {
  readonly #followed: Followed[] = []
  readonly #scheduler: Scheduler
  readonly #taken: NonNullable<PemFilesParts['taken']>
  readonly #refused: NonNullable<PemFilesParts['refused']>
  #cancel: Cancel | undefined
  #running = false

  constructor({ scheduler = processScheduler, taken = () => {}, refused = () => {} }: PemFilesParts = {}) {
    this.#scheduler = scheduler
    this.#taken = taken
    this.#refused = refused
  }

  follow(pems: readonly Pem[], use: (texts: readonly string[]) => void): void {
    const files = [...new Set(pems.flatMap(({ file }) => file ?? []))]
    if (files.length === 0) return
    this.#followed.push({ pems, files, use, current: pems.map(({ pem }) => pem), read: '', seen: '' })
    if (this.#running && this.#cancel === undefined) this.#wait()
  }

  start(): void {
    this.#running = true
    if (this.#followed.length > 0 && this.#cancel === undefined) this.#wait()
  }

  stop(): void {
    this.#running = false
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(): void {
    this.#cancel = this.#scheduler.after(everyMs, () => {
      void this.look().then(() => {
        if (this.#running) this.#wait()
      })
    })
  }

  /** One look at all of them. Never rejects. */
  async look(): Promise<void> {
    const files = new Set(this.#followed.flatMap(({ files }) => files))
    const seen = new Map(await Promise.all([...files].map(async file => [file, await appearance(file)] as const)))
    for (const each of this.#followed) await this.#read(each, each.files.map(file => seen.get(file)).join('\n'))
  }

  async #read(followed: Followed, now: string): Promise<void> {
    const { files } = followed
    const settled = now === followed.seen
    followed.seen = now
    if (!settled || now === followed.read) return
    followed.read = now
    try {
      const texts = await Promise.all(followed.pems.map(textOf))
      if (texts.every((text, index) => text === followed.current[index])) return
      followed.use(texts)
      followed.current = texts
      this.#taken(files)
    } catch (error) {
      this.#refused(files, error instanceof Error ? error.message : String(error))
    }
  }
}

/** Changes with every change of a file, or of what a link leads to. */
async function appearance(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
  } catch {
    return 'none'
  }
}

/** Without the last line end, as the configuration reads it. */
async function textOf({ pem, file }: Pem): Promise<string> {
  if (file === undefined) return pem
  const about = await stat(file)
  if (!about.isFile()) throw new Error(`${file} is no file`)
  if (about.size > largestBytes) throw new Error(`${file} is larger than 1mb`)
  return (await readFile(file, 'utf8')).replace(/\r?\n$/, '')
}
