import { createHash, randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { AcmeTerms } from './options.ts'

/** What is remembered of failures, for gateways that share the storage and for those that are started again. */
export interface Failures {
  readonly count: number
  /** Milliseconds since 1970. */
  readonly retryAt: number
}

/** No order takes so long: a lock that is older was left by a process that ended. */
const staleLockMs = 15 * 60_000
const mostBytes = 256 * 1024

/**
 * Files for their owner alone (mode 0600) in a directory that several gateways may share. Each is written beside its place and
 * renamed, so that nobody reads half of one; a certificate and its key are one file, so that nobody reads two that do not fit.
 */
export class AcmeStorage {
  readonly #directory: string
  readonly #wallClock: () => number

  constructor(directory: string, wallClock: () => number) {
    this.#directory = directory
    this.#wallClock = wallClock
  }

  /** Where the certificate and its key are. */
  certificateFile(terms: AcmeTerms): string {
    return join(this.#directory, `${nameOf(terms)}.pem`)
  }

  /** The key and the chain behind it; undefined: there is none. Rejects where they cannot be read. */
  readCertificate(terms: AcmeTerms): Promise<string | undefined> {
    return textOf(this.certificateFile(terms))
  }

  writeCertificate(terms: AcmeTerms, text: string): Promise<void> {
    return this.#write(this.certificateFile(terms), text)
  }

  /** The key of the account at this authority; `make` is asked for one where there is none. Of two gateways one is heard. */
  async accountKey({ directory }: AcmeTerms, make: () => Promise<string>): Promise<string> {
    const file = join(this.#directory, `account-${digest(directory)}.key`)
    const kept = await textOf(file)
    if (kept !== undefined) return kept
    const draft = await this.#draft(file, await make())
    try {
      await link(draft, file)
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    } finally {
      await rm(draft, { force: true })
    }
    return await readFile(file, 'utf8')
  }

  async readFailures(terms: AcmeTerms): Promise<Failures> {
    try {
      const read: unknown = JSON.parse((await textOf(this.#failuresFile(terms))) ?? '{}')
      const { count, retryAt } = Object(read)
      if (Number.isSafeInteger(count) && Number.isFinite(retryAt)) return { count, retryAt }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
    return { count: 0, retryAt: 0 }
  }

  async writeFailures(terms: AcmeTerms, failures: Failures): Promise<void> {
    if (failures.count > 0) await this.#write(this.#failuresFile(terms), JSON.stringify(failures))
    else await rm(this.#failuresFile(terms), { force: true })
  }

  /**
   * Takes the right to order this certificate; resolves with what gives it back, or undefined where another gateway has it. Two
   * that find the lock of a process that ended may both take it, and then order twice: that costs an order, and breaks nothing.
   */
  async lock(terms: AcmeTerms): Promise<(() => Promise<void>) | undefined> {
    await this.#open()
    const file = join(this.#directory, `${nameOf(terms)}.lock`)
    const own = randomUUID()
    for (let tries = 0; tries < 2; tries++) {
      try {
        const handle = await open(file, 'wx', 0o600)
        await handle.writeFile(own).finally(() => handle.close())
        return async () => {
          if ((await textOf(file)) === own) await rm(file, { force: true })
        }
      } catch (error) {
        if (!hasCode(error, 'EEXIST')) throw error
        const age = await stat(file).then(
          ({ mtimeMs }) => this.#wallClock() - mtimeMs,
          () => 0
        )
        if (age < staleLockMs) return undefined
        await rm(file, { force: true })
      }
    }
    return undefined
  }

  /** What proves a name, for whichever gateway is asked. `token` is of base64url. */
  writeProof(token: string, text: string): Promise<void> {
    return this.#write(this.#proofFile(token), text)
  }

  async readProof(token: string): Promise<string | undefined> {
    const file = this.#proofFile(token)
    const about = await stat(file).catch(() => undefined)
    // One that is older was left by a process that ended.
    if (about === undefined || this.#wallClock() - about.mtimeMs > staleLockMs) return undefined
    return textOf(file)
  }

  removeProof(token: string): Promise<void> {
    return rm(this.#proofFile(token), { force: true })
  }

  #failuresFile = (terms: AcmeTerms) => join(this.#directory, `${nameOf(terms)}.failures.json`)
  #proofFile = (token: string) => join(this.#directory, `proof-${token}`)

  async #open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
  }

  async #write(file: string, text: string): Promise<void> {
    await this.#open()
    const draft = await this.#draft(file, text)
    try {
      await rename(draft, file)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }

  async #draft(file: string, text: string): Promise<string> {
    await this.#open()
    const draft = `${file}.${randomUUID()}.new`
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    return draft
  }
}

/** Another directory or other names make another certificate. */
function nameOf({ directory, domains }: AcmeTerms): string {
  return `${(domains[0] ?? '').slice(0, 100)}-${digest([directory, ...domains.toSorted()].join('\n'))}`
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

async function textOf(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.length > mostBytes) throw new Error(`${file} is larger than ${mostBytes} bytes`)
    return text
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
