import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Origin } from '../src/forward/forwarded.ts'
import { type Networks, plainAddress } from '../src/security/networks.ts'
import { matchOf } from './routing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Where the request came from, as the gateway knows it. */
    readonly origin: Origin
  }
}

export interface OriginOptions {
  /** Networks whose word about the client is believed. */
  readonly trusted: Networks
  /** This gateway's name in Via, unlike any other's. */
  readonly pseudonym: string
  readonly hex: (bytes: number) => string
}

const wellFormedId = /^[\w.:+/=@-]{1,128}$/

/** Makes the id of a request: a trusted client's own where it is well formed, else one that serves as a trace id as well. */
export function requestIds({ trusted, hex }: Pick<OriginOptions, 'trusted' | 'hex'>) {
  return (request: IncomingMessage): string => {
    const given = request.headers['x-request-id']
    if (typeof given === 'string' && wellFormedId.test(given) && trusted.has(request.socket.remoteAddress ?? '')) return given
    return hex(16)
  }
}

const traceId = /^(?!0{32})[0-9a-f]{32}$/

/** Tells where a request came from, and puts its id on every answer. */
export default fp(
  async (app: FastifyInstance, { trusted, pseudonym, hex }: OriginOptions) => {
    app.decorateRequest('origin', null as unknown as Origin)
    app.addHook('onRequest', (request, reply, done) => {
      const { raw, id } = request
      const isTraceId = trusted.empty || traceId.test(id)
      const peer = plainAddress(raw.socket.remoteAddress ?? '')
      // The one place that writes it, before anybody reads it.
      const writable = request as { origin: Origin }
      writable.origin = {
        requestId: id,
        peer,
        trusted: trusted.has(peer),
        protocol: 'encrypted' in raw.socket ? 'https' : 'http',
        host: matchOf(raw).host,
        httpVersion: raw.httpVersion,
        pseudonym,
        traceparent: `00-${isTraceId ? id : hex(16)}-${hex(8)}-01`
      }
      reply.header('x-request-id', id)
      done()
    })
  },
  { name: 'origin' }
)
