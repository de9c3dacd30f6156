import type { Dispatcher } from 'undici'
import type { Exchange } from '../model/exchange.ts'
import type { HeardAnswer, Mirroring } from '../model/mirroring.ts'
import type { Client } from './client.ts'
import { Copy } from './copy.ts'
import type { ForwarderParts } from './forwarder.ts'
import { OverheardClient } from './overheard-client.ts'

/** The copies of one request, for each mirror of its route that has drawn it. */
export class Copies {
  /** In the place of the client, so that its answer can be compared. */
  readonly client: Client
  readonly #mirrors: readonly Mirroring[]
  readonly #exchange: Exchange
  readonly #parts: ForwarderParts
  /** What the client was answered; none when it is over without a whole answer. */
  readonly #original = Promise.withResolvers<HeardAnswer | undefined>()
  #sent = false

  constructor(mirrors: readonly Mirroring[], exchange: Exchange, client: Client, parts: ForwarderParts) {
    this.#mirrors = mirrors
    this.#exchange = exchange
    this.#parts = parts
    const compared = mirrors.some(({ compares }) => compares)
    this.client = compared ? new OverheardClient(client, this.#original.resolve) : client
  }

  /** Sends what the first attempt was sent, as it is; only the first call counts. */
  send(request: Dispatcher.DispatchOptions, now: number): void {
    if (this.#sent) return
    this.#sent = true
    const { body } = request
    for (const mirror of this.#mirrors) {
      // A stream can be read once, and at the pace of one.
      if (body !== null && !Buffer.isBuffer(body)) mirror.ended('too-large')
      else this.#copy(mirror, request, now)
    }
  }

  #copy(mirror: Mirroring, request: Dispatcher.DispatchOptions, now: number): void {
    const { path, search, deadlineAt } = this.#exchange
    const { request: asked, ip } = this.client
    const place = mirror.enter({ headers: asked.headers, search: search.slice(1), path, ip }, now)
    if (place === undefined) return
    const end = (came: HeardAnswer | 'sent' | 'failed') => {
      if (typeof came === 'string') mirror.ended(came)
      else if (mirror.compares) this.#compare(mirror, place.target, came)
      else mirror.ended('sent')
    }
    // The next attempt writes the same list of fields again.
    const headers = Array.isArray(request.headers) ? { headers: [...request.headers] } : {}
    new Copy(mirror, place, deadlineAt, this.#parts, end).begin({ ...request, ...headers }, now)
  }

  #compare(mirror: Mirroring, target: Parameters<Mirroring['compare']>[0]['target'], copy: HeardAnswer): void {
    void this.#original.promise.then(original => {
      if (original === undefined) mirror.ended('sent')
      else mirror.compare({ requestId: this.#exchange.id, target, original, copy })
    })
  }
}

/** Undefined where nothing is copied. */
export function copiesOf(exchange: Exchange, client: Client, parts: ForwarderParts): Copies | undefined {
  const { mirrors } = exchange.route
  // What follows an upgrade is a conversation.
  if (mirrors === undefined || client.upgrade !== undefined) return undefined
  const drawn = mirrors.filter(mirror => mirror.draws())
  return drawn.length === 0 ? undefined : new Copies(drawn, exchange, client, parts)
}
