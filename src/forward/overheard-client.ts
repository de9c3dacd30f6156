import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, pipeline, type Readable, Transform } from 'node:stream'
import type { GatewayError } from '../model/errors.ts'
import type { HeardAnswer } from '../model/mirroring.ts'
import type { Client } from './client.ts'
import type { Origin } from './forwarded.ts'
import { Heard } from './heard.ts'
import type { ResponseFields } from './response-headers.ts'

/** Told once what the client was answered; undefined where that was no whole answer of a target. */
export type Listener = (answer: HeardAnswer | undefined) => void

/** A client whose answer is heard by others as well, who neither change nor delay it. */
export class OverheardClient implements Client {
  readonly #client: Client
  #listener: Listener | undefined

  constructor(client: Client, listener: Listener) {
    this.#client = client
    this.#listener = listener
    client.response.once('close', () => this.#tell(undefined))
  }

  get request(): IncomingMessage {
    return this.#client.request
  }

  get headers(): IncomingHttpHeaders | undefined {
    return this.#client.headers
  }

  get response(): ServerResponse {
    return this.#client.response
  }

  get origin(): Origin {
    return this.#client.origin
  }

  get ip(): string {
    return this.#client.ip
  }

  send(status: number, fields: ResponseFields, body: Buffer | undefined): void {
    const heard = new Heard(status, fields)
    if (body !== undefined) heard.add(body)
    this.#client.send(status, fields, body)
    this.#tell(heard.answer)
  }

  stream(status: number, fields: ResponseFields, body: Readable): void {
    const heard = new Heard(status, fields)
    const overheard = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        heard.add(chunk)
        done(null, chunk)
      }
    })
    // What breaks one end breaks the other, and is told there.
    pipeline(body, overheard, error => this.#tell(error ? undefined : heard.answer))
    this.#client.stream(status, fields, overheard)
  }

  switched(fields: ResponseFields, chosen: string): Duplex {
    return this.#client.switched(fields, chosen)
  }

  fail(error: GatewayError): void {
    this.#tell(undefined)
    this.#client.fail(error)
  }

  #tell(answer: HeardAnswer | undefined): void {
    const listener = this.#listener
    this.#listener = undefined
    listener?.(answer)
  }
}
