import { AsyncLocalStorage } from 'node:async_hooks'
import type { Authorization, Client, Order } from 'acme-client'
import type { Scheduler } from '../time/scheduler.ts'
import { Asking } from './asking.ts'
import { type Authority, AuthorityError, type CertificateOrder } from './authority.ts'
import type { ProofBoard } from './challenges.ts'

type Acme = typeof import('acme-client')

/** Who asks in place of the package's own HTTP client, which has one set of trusted certificates, no end and no limits. */
interface Asker {
  readonly asking: Asking
  readonly signal: AbortSignal
}

/** How long between two questions about an order: the first, and the longest, in milliseconds. */
const polls = { firstMs: 250, factor: 1.5, longestMs: 5000 }

/** An ACME server (RFC 8555), asked with the package acme-client, which is loaded once it is needed. */
export class AcmeAuthority implements Authority {
  readonly #directory: string
  readonly #asking: Asking
  readonly #scheduler: Scheduler
  readonly #askers = new AsyncLocalStorage<Asker>()
  #acme: Promise<Acme> | undefined

  constructor(directory: string, ca: string | undefined, scheduler: Scheduler) {
    this.#directory = directory
    this.#asking = new Asking(ca)
    this.#scheduler = scheduler
  }

  async newAccountKey(): Promise<string> {
    const { crypto } = await this.#load()
    return String(await crypto.createPrivateEcdsaKey('P-256'))
  }

  async issue(order: CertificateOrder): Promise<{ cert: string; key: string }> {
    const acme = await this.#load()
    return await this.#askers.run({ asking: this.#asking, signal: order.signal }, () => this.#issue(acme, order))
  }

  close(): Promise<void> {
    return this.#asking.close()
  }

  #load(): Promise<Acme> {
    this.#acme ??= import('acme-client').then(acme => {
      acme.axios.interceptors.request.use(config => {
        const asker = this.#askers.getStore()
        if (asker === undefined) return config
        const adapter = async (asked: typeof config) => ({ ...(await answerOf(asker, asked)), config: asked })
        return { ...config, adapter }
      })
      return acme
    })
    return this.#acme
  }

  async #issue(acme: Acme, { domains, email, accountKey, board, signal }: CertificateOrder) {
    const client = new acme.Client({ directoryUrl: this.#directory, accountKey })
    // An account that is there is found by its key.
    await client.createAccount({
      termsOfServiceAgreed: true,
      ...(email === undefined ? {} : { contact: [`mailto:${email}`] })
    })
    const order = await client.createOrder({ identifiers: domains.map(value => ({ type: 'dns', value })) })
    await this.#prove(client, order, board, signal)
    const [key, csr] = await acme.crypto.createCsr({ altNames: [...domains] }, await acme.crypto.createPrivateEcdsaKey('P-256'))
    await client.finalizeOrder(order, csr)
    const issued = await this.#settled(client, order, ['valid'], signal)
    return { cert: await client.getCertificate(issued), key: String(key) }
  }

  async #prove(client: Client, order: Order, board: ProofBoard, signal: AbortSignal): Promise<void> {
    const tokens: string[] = []
    try {
      for (const authorization of await client.getAuthorizations(order)) {
        if (authorization.status === 'valid') continue
        const challenge = authorization.challenges.find(({ type }) => type === 'http-01')
        if (challenge === undefined) throw new AuthorityError(`it does not offer HTTP-01 for ${authorization.identifier.value}`)
        tokens.push(challenge.token)
        await board.put(challenge.token, await client.getChallengeKeyAuthorization(challenge))
        await client.completeChallenge(challenge)
      }
      await this.#settled(client, order, ['ready', 'valid'], signal)
    } finally {
      for (const token of tokens) await board.remove(token).catch(() => {})
    }
  }

  /** The order once it has one of these states. */
  async #settled(client: Client, order: Order, states: readonly Order['status'][], signal: AbortSignal): Promise<Order> {
    for (let pauseMs = polls.firstMs; ; pauseMs = Math.min(polls.longestMs, pauseMs * polls.factor)) {
      const now = await client.getOrder(order)
      if (states.includes(now.status)) return now
      if (now.status === 'invalid') throw new AuthorityError(whyInvalid(now, await client.getAuthorizations(now)))
      await this.#pause(pauseMs, signal)
    }
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        cancel()
        reject(signal.reason)
      }
      const cancel = this.#scheduler.after(ms, () => {
        signal.removeEventListener('abort', stop)
        resolve()
      })
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    })
  }
}

interface Asked {
  readonly url?: string
  readonly method?: string
  readonly data?: unknown
  readonly headers: object
}

/** An authority that is overloaded, or is asked too often, is not asked again by the package but by whoever ordered. */
async function answerOf({ asking, signal }: Asker, { url = '', method = 'get', data, headers }: Asked) {
  const fields = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))
  )
  const body = typeof data === 'string' ? { body: data } : {}
  const answer = await asking.ask(url, { method: method.toUpperCase(), headers: fields, signal, ...body })
  const { status, text } = answer
  const answered = Object.fromEntries(Object.entries(answer.headers).flatMap(([name, value]) => (value ? [[name, value]] : [])))
  if (status === 429 || status >= 500)
    throw new AuthorityError(`it answers ${status}: ${detailOf(text)}`, retryAfterMs(answered['retry-after']))
  return { status, statusText: '', headers: answered, data: text }
}

/** Of `Retry-After` in seconds; a date is not read: whoever ordered waits long enough by itself. */
const retryAfterMs = (value: unknown): number => (/^\d{1,7}$/.test(String(value)) ? Number(value) * 1000 : 0)

/** What problem details (RFC 9457) say, or the text. */
function detailOf(text: string): string {
  try {
    return String(Object(JSON.parse(text)).detail ?? text)
  } catch {
    return text
  }
}

function whyInvalid(order: Order, authorizations: readonly Authorization[]): string {
  const errors = authorizations.flatMap(({ identifier, challenges }) =>
    challenges.flatMap(({ error }) => (error ? `${identifier.value}: ${detailOf(JSON.stringify(error))}` : []))
  )
  return errors.join('; ') || `the order is invalid: ${detailOf(JSON.stringify(order.error ?? {}))}`
}
