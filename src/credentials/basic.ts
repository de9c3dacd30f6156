import { createHmac, randomBytes } from 'node:crypto'
import type { Authenticator, CredentialRequest, Identification } from '../model/authenticator.ts'
import type { Clock } from '../time/clock.ts'
import type { CredentialFile, StoredUser } from './credential-file.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { credentialsOf, quoted } from './fields.ts'
import { absent, found, refused } from './found.ts'
import type { BasicSettings } from './options.ts'
import { decoyHash, isPassword, type PasswordHash } from './password.ts'
import { Turns } from './turns.ts'

/** How long a pair that was right, or wrong, is remembered, in milliseconds, and how many of each. */
const remembered = { rightMs: 300_000, wrongMs: 10_000, most: 1000 }

/** Half of Node's pool of threads, which file reads and name look-ups need too. */
const hashes = { running: 2, waiting: 30 }

interface HeldUser extends StoredUser {
  readonly identification: Identification
}

interface BasicParts {
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
  /** Whether a password has this hash; scrypt where it is absent. */
  readonly compare?: typeof isPassword
}

/**
 * Knows who sends a request by name and password (RFC 7617). Passwords are chosen by people, so their hashes are slow ones: a pair
 * that was right is remembered for five minutes, under a keyed hash that no other process can compute.
 */
export class Basic implements Authenticator {
  readonly kind = 'basic'
  readonly keepsBack: Authenticator['keepsBack']
  readonly #clock: Clock
  readonly #wallClock: () => number
  readonly #compare: typeof isPassword
  readonly #challenge: string
  readonly #memoryKey = randomBytes(32)
  readonly #right = new ExpiringCache<true>(remembered.most)
  readonly #wrong = new ExpiringCache<true>(remembered.most)
  readonly #underWay = new Map<string, Promise<boolean | undefined>>()
  readonly #turns = new Turns(hashes)
  #users: ReadonlyMap<string, HeldUser> = new Map()
  #decoy: PasswordHash = decoyHash()

  /** Without `use` it knows nobody. */
  constructor({ realm, passOn }: Omit<BasicSettings, 'file'>, { clock, wallClock, compare = isPassword }: BasicParts) {
    this.keepsBack = passOn ? undefined : { scheme: 'basic' }
    this.#clock = clock
    this.#wallClock = wallClock
    this.#compare = compare
    this.#challenge = `Basic realm=${quoted(realm)}, charset="UTF-8"`
  }

  /** Takes these users in place of those before. */
  use({ users }: Pick<CredentialFile, 'users'>): void {
    this.#users = new Map([...users].map(([name, user]) => [name, { ...user, identification: found(this.kind, user) }]))
    const [first] = users.values()
    this.#decoy = decoyHash(first?.password)
  }

  challenge(): string {
    return this.#challenge
  }

  identify({ headers }: CredentialRequest): Identification | Promise<Identification> {
    const shown = credentialsOf(headers.authorization, 'basic')
    if (shown === undefined) return absent
    const pair = readPair(shown)
    if (pair === undefined) return refused.malformed
    // Whoever is not there costs as much as who is.
    const stored = this.#users.get(pair.name)?.password ?? this.#decoy
    const memory = this.#memoryOf(pair, stored)
    const now = this.#clock()
    if (this.#right.get(memory, now)) return this.#admit(pair.name, stored)
    if (this.#wrong.get(memory, now)) return refused.invalid
    return this.#ask(pair, stored, memory)
  }

  async #ask({ name, password }: Pair, stored: PasswordHash, memory: string): Promise<Identification> {
    let underWay = this.#underWay.get(memory)
    if (underWay === undefined) {
      const turn = this.#turns.run(() => this.#compare(password, stored))
      if (turn === undefined) return refused.unavailable
      underWay = turn.catch(() => undefined).finally(() => this.#underWay.delete(memory))
      this.#underWay.set(memory, underWay)
    }
    const isRight = await underWay
    if (isRight === undefined) return refused.unavailable
    const now = this.#clock()
    if (isRight) this.#right.set(memory, true, now + remembered.rightMs, now)
    else this.#wrong.set(memory, true, now + remembered.wrongMs, now)
    return isRight ? this.#admit(name, stored) : refused.invalid
  }

  /** As the file is now: it may have been read again meanwhile. */
  #admit(name: string, stored: PasswordHash): Identification {
    const user = this.#users.get(name)
    if (user === undefined || user.password.text !== stored.text) return refused.invalid
    if (user.revoked) return refused.revoked
    return user.expiresAt <= this.#wallClock() ? refused.expired : user.identification
  }

  /** The hash belongs to it: another password of the same user makes it another. */
  #memoryOf({ name, password }: Pair, { text }: PasswordHash): string {
    return createHmac('sha256', this.#memoryKey)
      .update(JSON.stringify([name, password, text]))
      .digest('base64')
  }
}

interface Pair {
  readonly name: string
  readonly password: string
}

const longestPair = 4096
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** RFC 7617 section 2: base64 of a name without a colon, a colon and a password; as UTF-8, which the challenge asks for. */
function readPair(shown: string): Pair | undefined {
  if (shown.length > longestPair || !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(shown))
    return undefined
  const text = decoded(shown)
  const colon = text?.indexOf(':') ?? -1
  if (text === undefined || colon < 1 || /[\x00-\x1f\x7f]/.test(text)) return undefined
  return { name: text.slice(0, colon), password: text.slice(colon + 1) }
}

function decoded(base64: string): string | undefined {
  try {
    return utf8.decode(Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}
