import { isAscii } from 'node:buffer'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type Duplex, Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client } from '../src/forward/client.ts'
import type { Origin } from '../src/forward/forwarded.ts'
import type { ResponseFields } from '../src/forward/response-headers.ts'
import { type Upgrade, upgradeOf } from '../src/forward/upgrade.ts'
import type { GatewayError } from '../src/model/errors.ts'
import { answerProblem } from './errors.ts'

/** Node writes a text together with the fields before it, in one piece; ASCII is the same bytes either way. */
const asText = (body: Buffer | undefined) => (body !== undefined && isAscii(body) ? body.toString('latin1') : body)

/** In the place of a serializer, which Fastify takes for JSON: without one it would add a charset to its type. */
const asItIs = (payload: unknown) => payload as string

/** The client's side of an exchange, on a Fastify reply, so that every onSend hook works. */
export class ReplyClient implements Client {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly origin: Origin
  readonly upgrade: Upgrade | undefined
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor(request: FastifyRequest, reply: FastifyReply) {
    this.#request = request
    this.#reply = reply
    this.request = request.raw
    this.response = reply.raw
    this.origin = request.origin
    this.upgrade = upgradeOf(request.raw)
  }

  get ip(): string {
    return this.#request.ip
  }

  send(status: number, fields: ResponseFields, body: Buffer | undefined): void {
    // Fastify would name a type that the upstream did not.
    const untyped = body !== undefined && fields['content-type'] === undefined
    const payload = untyped ? Readable.from([body]) : asText(body)
    this.#answer(fields, reply => reply.code(status).serializer(asItIs).send(payload))
  }

  stream(status: number, fields: ResponseFields, body: Readable): void {
    // The head does not wait for a body that is slow to begin, such as one of events.
    this.response.once('pipe', () => setImmediate(() => this.#flush()))
    this.#answer(fields, reply => reply.code(status).send(body))
  }

  switched(fields: ResponseFields, chosen: string): Duplex {
    if (this.upgrade === undefined) throw new Error('nothing was to be switched')
    const reply = this.#reply.hijack()
    return this.upgrade.accept({ ...reply.getHeaders(), ...fields } as OutgoingHttpHeaders, chosen)
  }

  fail(error: GatewayError): void {
    this.#answer({}, reply => answerProblem(this.#request, reply, error))
  }

  #flush(): void {
    if (!this.response.headersSent && !this.response.destroyed) this.response.flushHeaders()
  }

  /** Called from within undici, where an exception would end the process. */
  #answer(fields: ResponseFields, send: (reply: FastifyReply) => void): void {
    const reply = this.#reply
    try {
      reply.answerFields = fields
      send(reply.headers(fields))
    } catch (error) {
      this.#request.log.error({ err: error }, 'an answer could not be sent')
      this.response.destroy()
    }
  }
}
