import { hash } from 'node:crypto'
import type { Authenticator, CredentialRequest, Identification, RefusalReason } from '../model/authenticator.ts'
import type { Clock } from '../time/clock.ts'
import { ExpiringCache } from './expiring-cache.ts'
import { credentialsOf, quoted } from './fields.ts'
import { absent, found, refused } from './found.ts'
import type { IntrospectionSettings } from './options.ts'
import type { Remote, RemoteAnswer } from './remote.ts'

/** How long a refusal is believed, in milliseconds, where the cache is not shorter; and how many answers are remembered. */
const refusedMs = 5000
const mostRemembered = 10_000

const longestToken = 8192

interface IntrospectionParts {
  readonly remote: Pick<Remote, 'ask' | 'failed' | 'succeeded'>
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
}

interface Judgement {
  readonly identification: Identification
  /** How long it holds, in milliseconds. */
  readonly forMs: number
}

/** Knows who sends a request by a token that its issuer is asked about (RFC 7662). */
export class Introspection implements Authenticator {
  readonly kind = 'introspection'
  readonly keepsBack: Authenticator['keepsBack']
  readonly #settings: IntrospectionSettings
  readonly #remote: IntrospectionParts['remote']
  readonly #clock: Clock
  readonly #wallClock: () => number
  readonly #authorization: string
  /** By the hashes of the tokens: what is remembered lets nobody in. */
  readonly #known = new ExpiringCache<Identification>(mostRemembered)
  readonly #underWay = new Map<string, Promise<Identification>>()

  constructor(settings: IntrospectionSettings, { remote, clock, wallClock }: IntrospectionParts) {
    this.keepsBack = settings.passOn ? undefined : { scheme: 'bearer' }
    this.#settings = settings
    this.#remote = remote
    this.#clock = clock
    this.#wallClock = wallClock
    // RFC 6749 section 2.3.1: both are encoded as in a form before they are joined.
    const [id, secret] = [settings.clientId, settings.clientSecret].map(formEncoded)
    this.#authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
  }

  /** RFC 6750 section 3: no error where nothing was shown. */
  challenge(reason?: RefusalReason): string {
    const realm = `Bearer realm=${quoted(this.#settings.realm)}`
    switch (reason) {
      case 'scope':
        return `${realm}, error="insufficient_scope"`
      case 'malformed':
      case 'invalid':
      case 'expired':
      case 'revoked':
        return `${realm}, error="invalid_token"`
      default:
        return realm
    }
  }

  identify({ headers }: CredentialRequest): Identification | Promise<Identification> {
    const token = credentialsOf(headers.authorization, 'bearer')
    if (token === undefined) return absent
    // RFC 6750 section 2.1: b64token.
    if (token.length > longestToken || !/^[A-Za-z0-9\-._~+/]+=*$/.test(token)) return refused.malformed
    const key = hash('sha256', token, 'base64')
    return this.#known.get(key, this.#clock()) ?? this.#underWay.get(key) ?? this.#begin(key, token)
  }

  #begin(key: string, token: string): Promise<Identification> {
    const underWay = this.#ask(key, token).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, underWay)
    return underWay
  }

  async #ask(key: string, token: string): Promise<Identification> {
    const askedAt = this.#clock()
    const answer = await this.#remote.ask({
      method: 'POST',
      headers: {
        authorization: this.#authorization,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json'
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
    })
    const judgement = answer && this.#judge(answer)
    if (judgement === undefined) return refused.unavailable
    this.#remote.succeeded()
    // It was true when the question was asked at the earliest.
    this.#known.set(key, judgement.identification, askedAt + judgement.forMs, this.#clock())
    return judgement.identification
  }

  /** Undefined where the answer says nothing. */
  #judge({ status, text }: RemoteAnswer): Judgement | undefined {
    if (status !== 200) return this.#remote.failed(`answers ${status}`)
    const said = mappingOf(text)
    if (typeof said?.['active'] !== 'boolean') return this.#remote.failed('its answer is no introspection response')
    const { cache } = this.#settings
    const no = (reason: 'invalid' | 'expired') => ({ identification: refused[reason], forMs: Math.min(cache, refusedMs) })
    if (!said['active']) return no('invalid')
    const { exp, nbf } = said
    if (!isInstant(exp) || !isInstant(nbf)) return this.#remote.failed('its answer has an exp or nbf that is no number')
    const now = this.#wallClock()
    const leftMs = exp === undefined ? Number.POSITIVE_INFINITY : exp * 1000 - now
    if (leftMs <= 0) return no('expired')
    if (nbf !== undefined && nbf * 1000 > now) return no('invalid')
    const identification = found(this.kind, { name: nameOf(said), scopes: scopesOf(said['scope']), claims: said })
    return { identification, forMs: Math.min(cache, leftMs) }
  }
}

type Said = Readonly<Record<string, unknown>>

function mappingOf(text: string): Said | undefined {
  try {
    const value: unknown = JSON.parse(text)
    // An object of JSON that is no list has texts for keys.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Said) : undefined
  } catch {
    return undefined
  }
}

const isInstant = (value: unknown): value is number | undefined => value === undefined || Number.isFinite(value)

function nameOf(said: Said): string {
  const name = [said['sub'], said['username'], said['client_id']].find(each => typeof each === 'string' && each !== '')
  return typeof name === 'string' ? name : 'anonymous'
}

/** A text with spaces (RFC 7662 section 2.2); some servers give a list. */
function scopesOf(scope: unknown): readonly string[] {
  if (typeof scope === 'string') return scope.split(' ').filter(each => each !== '')
  return Array.isArray(scope) ? scope.filter(each => typeof each === 'string') : []
}

const formEncoded = (text: string) => new URLSearchParams({ '': text }).toString().slice(1)
