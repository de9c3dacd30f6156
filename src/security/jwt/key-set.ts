import type { Cancel, Scheduler } from '../../time/scheduler.ts'
import { type MakeVerify, type PublishedKey, readKeySet, type TokenKey } from './key.ts'
import type { TokenHeader } from './token.ts'

/** Where the keys of an issuer come from. Keys for a token at once, or once they are fetched; nothing was ever fetched: unavailable. */
export interface KeySource {
  find(header: TokenHeader): Found | Promise<Found>
}
export type Found = readonly TokenKey[] | 'unavailable'

/** Milliseconds. */
const cooldownMs = 10_000
const refreshMs = 300_000
const retryMs = 30_000

export interface KeySetParts {
  /** The text that the issuer publishes. Rejects where it is not to be had. */
  readonly fetch: () => Promise<string>
  readonly algorithms: TokenKey['algorithms']
  readonly makeVerify: MakeVerify
  readonly scheduler: Scheduler
  /** Told when the keys cannot be fetched, with the reason, and when they are there again. */
  readonly told: (why: string | undefined) => void
}

/** The keys that never change: a secret, or a public key of the configuration. Names in tokens do not matter. */
export function staticKey(key: TokenKey): KeySource {
  const [found, none] = [[key], []]
  return { find: ({ algorithm }) => (key.algorithms.includes(algorithm) ? found : none) }
}

/**
 * The keys that an issuer publishes (RFC 7517). They are fetched at the start, every five minutes, and when a token names a key
 * that is not known, which happens at most once in ten seconds, whoever asks. An issuer that cannot be reached takes no key away.
 */
export class KeySet implements KeySource {
  readonly #parts: KeySetParts
  #keys: readonly TokenKey[] | undefined
  #underWay: Promise<void> | undefined
  #fetchedAt = Number.NEGATIVE_INFINITY
  #next: Cancel = () => {}
  #failing = false
  #closed = false

  constructor(parts: KeySetParts) {
    this.#parts = parts
  }

  /** Begins to keep the keys fresh. */
  start(): void {
    void this.#fetch()
  }

  stop(): void {
    this.#closed = true
    this.#next()
  }

  find(header: TokenHeader): Found | Promise<Found> {
    const known = this.#known(header)
    if (known !== 'unavailable' && known.length > 0) return known
    const rested = this.#parts.scheduler.now() - this.#fetchedAt >= cooldownMs
    if (this.#closed || (this.#underWay === undefined && !rested)) return known
    return this.#fetch().then(() => this.#known(header))
  }

  /** A token that names no key is verified where only one key can be meant. */
  #known({ kid, algorithm }: TokenHeader): Found {
    if (this.#keys === undefined) return 'unavailable'
    const fitting = this.#keys.filter(key => key.algorithms.includes(algorithm) && (kid === undefined || key.kid === kid))
    return kid === undefined && fitting.length > 1 ? [] : fitting
  }

  /** Whoever asks while a fetch is under way waits for it. Never rejects. */
  #fetch(): Promise<void> {
    this.#underWay ??= this.#refresh()
    return this.#underWay
  }

  async #refresh(): Promise<void> {
    this.#fetchedAt = this.#parts.scheduler.now()
    this.#next()
    const why = await this.#replace().catch(reasonOf)
    this.#underWay = undefined
    if (this.#closed) return
    if (why !== undefined || this.#failing) this.#parts.told(why)
    this.#failing = why !== undefined
    this.#next = this.#parts.scheduler.after(this.#failing ? retryMs : refreshMs, () => this.start())
  }

  /** Why it was not possible. */
  async #replace(): Promise<string | undefined> {
    const published = readKeySet(await this.#parts.fetch(), this.#parts.algorithms)
    if (published === undefined) return 'the answer is no JSON Web Key Set'
    const before = this.#keys ?? []
    const keys = await Promise.all(published.map(key => before.find(same(key)) ?? this.#adopt(key)))
    for (const key of before) key.withdrawn = !keys.includes(key)
    this.#keys = keys
    return undefined
  }

  async #adopt(key: PublishedKey): Promise<TokenKey> {
    return { ...key, verify: await this.#parts.makeVerify(key), withdrawn: false }
  }
}

const same = (one: PublishedKey) => (other: PublishedKey) =>
  one.kid === other.kid && one.key === other.key && String(one.algorithms) === String(other.algorithms)

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
