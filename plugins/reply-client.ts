import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client } from '../src/forward/client.ts'
import type { Origin } from '../src/forward/forwarded.ts'
import type { ResponseFields } from '../src/forward/response-headers.ts'
import { type Upgrade, upgradeOf } from '../src/forward/upgrade.ts'
import { GatewayError } from '../src/model/errors.ts'
import { answerProblem } from './errors.ts'
import { sendWhole } from './whole-answer.ts'

/** The target has answered as if no other protocol had been asked for. */
const notSwitched = () => new GatewayError('EG_NOT_IMPLEMENTED', 'The service does not speak the protocol that was asked for.')

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
    if (this.upgrade?.isGrantedBy?.(status)) this.fail(notSwitched())
    else this.#answer(fields, reply => sendWhole(reply, status, fields, body))
  }

  stream(status: number, fields: ResponseFields, body: Readable): void {
    if (this.upgrade?.isGrantedBy?.(status)) {
      body.destroy()
      this.fail(notSwitched())
      return
    }
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
