import type { Duplex, Readable } from 'node:stream'
import { copied } from '../src/cache/copied.ts'
import type { StoredAnswer } from '../src/cache/entry.ts'
import type { Visit } from '../src/cache/visit.ts'
import type { Client } from '../src/forward/client.ts'
import type { ResponseFields } from '../src/forward/response-headers.ts'
import type { GatewayError } from '../src/model/errors.ts'

/** The client's side of an exchange behind a cache, which sees its answer first. */
export class CachingClient implements Client {
  readonly #client: Client
  readonly #visit: Visit
  readonly #maxEntry: number

  /** `maxEntry`: bytes of the longest body that is kept. */
  constructor(client: Client, visit: Visit, maxEntry: number) {
    this.#client = client
    this.#visit = visit
    this.#maxEntry = maxEntry
  }

  get request() {
    return this.#client.request
  }

  get response() {
    return this.#client.response
  }

  get origin() {
    return this.#client.origin
  }

  get upgrade() {
    return this.#client.upgrade
  }

  get ip() {
    return this.#client.ip
  }

  /** What goes upstream in place of the client's own fields. */
  get headers() {
    return this.#visit.headers
  }

  send(status: number, fields: ResponseFields, body: Buffer | undefined): void {
    const taken = this.#visit.answered(status, fields)
    if (taken.kind === 'instead') return void this.#instead(taken.answer)
    if (taken.keep && (body?.length ?? 0) <= this.#maxEntry) this.#visit.complete(body ?? Buffer.alloc(0))
    else if (taken.keep) this.#visit.tooLong()
    this.#visit.end()
    this.#client.send(status, taken.fields, body)
  }

  stream(status: number, fields: ResponseFields, body: Readable): void {
    const taken = this.#visit.answered(status, fields)
    if (taken.kind === 'instead') {
      body.destroy()
      return void this.#instead(taken.answer)
    }
    const kept = taken.keep && Number(fields['content-length'] ?? 0) <= this.#maxEntry
    if (taken.keep && !kept) this.#visit.tooLong()
    if (!kept) this.#visit.end()
    this.#client.stream(status, taken.fields, kept ? copied(body, this.#maxEntry, this.#visit) : body)
  }

  switched(fields: ResponseFields, chosen: string): Duplex {
    this.#visit.end()
    return this.#client.switched(fields, chosen)
  }

  fail(error: GatewayError): void {
    // Whoever answers failures asks the visit for something better.
    this.#client.fail(error)
    this.#visit.end()
  }

  #instead({ status, fields, body }: StoredAnswer): void {
    this.#visit.end()
    this.#client.send(status, fields, body)
  }
}
