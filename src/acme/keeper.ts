import type { X509Certificate } from 'node:crypto'
import type { ObtainedCertificate } from '../model/obtained-certificate.ts'
import { certificatesOf, whyUnusable } from '../model/pem.ts'
import type { Random } from '../time/random.ts'
import type { Cancel, Scheduler } from '../time/scheduler.ts'
import { type Authority, AuthorityError, reasonOf } from './authority.ts'
import type { ProofBoard } from './challenges.ts'
import type { AcmeTerms } from './options.ts'
import { isPausing, pauseMs, renewAt } from './renewal.ts'
import type { AcmeStorage, Failures } from './storage.ts'

/** Who is told of what happens. */
export interface AcmeListener {
  /** It was issued, or another gateway has put it in the storage, or it was there. */
  taken(domains: readonly string[], until: Date, from: 'authority' | 'storage'): void
  ordering(domains: readonly string[]): void
  /** What was there before goes on. */
  failed(domains: readonly string[], why: string, retryInMs: number): void
}

export interface KeeperParts {
  readonly storage: AcmeStorage
  readonly authority: Authority
  readonly board: ProofBoard
  readonly scheduler: Scheduler
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
  readonly random: Random
  readonly told: AcmeListener
}

/** How often the storage is looked at, and how long an order may take, in milliseconds. */
const lookEveryMs = 10_000
const orderMs = 5 * 60_000

/** Keeps one certificate: takes it from the storage, orders it where there is none, and renews it. */
export class CertificateKeeper implements ObtainedCertificate {
  readonly terms: AcmeTerms
  readonly #parts: KeeperParts
  readonly #listeners: (() => void)[] = []
  readonly #stopping = new AbortController()
  #current: { readonly cert: string; readonly key: string } | undefined
  #renewAt = 0
  /** What the storage held when it was last looked at. */
  #stored: string | undefined
  /** The storage's word, and this process's where that cannot be written. */
  #failures: Failures = { count: 0, retryAt: 0 }
  #cancel: Cancel | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(terms: AcmeTerms, parts: KeeperParts) {
    this.terms = terms
    this.#parts = parts
  }

  get current(): { readonly cert: string; readonly key: string } | undefined {
    return this.#current
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Takes what is in the storage. Never rejects. */
  async load(): Promise<void> {
    try {
      const text = await this.#parts.storage.readCertificate(this.terms)
      if (text === undefined || text === this.#stored) return
      this.#stored = text
      this.#use(text, text, this.#checked(text, text), 'storage')
    } catch (error) {
      this.#parts.told.failed(this.terms.domains, `the storage: ${reasonOf(error)}`, lookEveryMs)
    }
  }

  start(): void {
    if (this.#cancel === undefined && !this.#stopping.signal.aborted) this.#wait(0)
  }

  /** Ends an order that is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the gateway stops'))
    this.#cancel?.()
    await this.#looking
  }

  #wait(ms: number): void {
    this.#cancel = this.#parts.scheduler.after(ms, () => {
      this.#looking = this.look().then(() => {
        if (!this.#stopping.signal.aborted) this.#wait(lookEveryMs)
      })
    })
  }

  /** One look: at the storage, and where it is time at the authority. Never rejects. */
  async look(): Promise<void> {
    await this.load()
    if (!this.#isDue()) return
    let unlock: (() => Promise<void>) | undefined
    try {
      const kept = await this.#parts.storage.readFailures(this.terms)
      if (kept.retryAt > this.#failures.retryAt) this.#failures = kept
      if (isPausing(this.#failures.retryAt, this.#parts.wallClock())) return
      unlock = await this.#parts.storage.lock(this.terms)
      if (unlock === undefined) return
      // Another gateway may have been at it just now.
      await this.load()
      if (this.#isDue()) await this.#order()
    } catch (error) {
      if (!this.#stopping.signal.aborted) await this.#failed(error)
    } finally {
      await unlock?.().catch(() => {})
    }
  }

  #isDue(): boolean {
    return !this.#stopping.signal.aborted && (this.#current === undefined || this.#parts.wallClock() >= this.#renewAt)
  }

  async #order(): Promise<void> {
    const { storage, authority, board, scheduler, told } = this.#parts
    const { domains, email } = this.terms
    told.ordering(domains)
    const late = new AbortController()
    const cancel = scheduler.after(orderMs, () => late.abort(new Error(`the authority took longer than ${orderMs / 1000} s`)))
    try {
      const accountKey = await storage.accountKey(this.terms, () => authority.newAccountKey())
      const signal = AbortSignal.any([this.#stopping.signal, late.signal])
      const { cert, key } = await authority.issue({ domains, email, accountKey, board, signal })
      const leaf = this.#checked(cert, key)
      this.#stored = `${key.trim()}\n${cert.trim()}\n`
      try {
        await storage.writeCertificate(this.terms, this.#stored)
      } finally {
        // One that cannot be kept can be used.
        this.#use(cert, key, leaf, 'authority')
      }
      this.#failures = { count: 0, retryAt: 0 }
      await storage.writeFailures(this.terms, this.#failures)
    } finally {
      cancel()
    }
  }

  /** Throws for what cannot be shown. */
  #checked(cert: string, key: string): X509Certificate {
    const wrong = whyUnusable({ cert, key })
    if (wrong !== undefined) throw new Error(`the certificate cannot be used: ${wrong}`)
    const [leaf] = certificatesOf(cert)
    if (leaf === undefined) throw new Error('there is no certificate')
    const missing = this.terms.domains.find(domain => leaf.checkHost(domain) === undefined)
    if (missing !== undefined) throw new Error(`the certificate does not have the name ${missing}`)
    return leaf
  }

  #use(cert: string, key: string, leaf: X509Certificate, from: 'authority' | 'storage'): void {
    const { told, random } = this.#parts
    this.#current = { cert, key }
    this.#renewAt = renewAt(leaf, random)
    for (const listener of this.#listeners) listener()
    told.taken(this.terms.domains, leaf.validToDate, from)
  }

  async #failed(error: unknown): Promise<void> {
    const { storage, wallClock, random, told } = this.#parts
    const count = this.#failures.count + 1
    const retryInMs = pauseMs(count, random, error instanceof AuthorityError ? error.retryAfterMs : 0)
    this.#failures = { count, retryAt: wallClock() + retryInMs }
    told.failed(this.terms.domains, reasonOf(error), retryInMs)
    // Where it cannot be written, this process remembers it.
    await storage.writeFailures(this.terms, this.#failures).catch(() => {})
  }
}
