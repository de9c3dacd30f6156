import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, errorTable } from '../src/model/errors.ts'
import type { Refusal } from '../src/model/refusal.ts'

/** Told once of every request, when its answer is out or its client is gone: Fastify's onResponse misses the latter. */
export type Completion = (request: FastifyRequest, reply: FastifyReply, status: number) => void

declare module 'fastify' {
  interface FastifyInstance {
    onCompletion(completion: Completion): void
    /** `told` hears once of every request that no app was asked about. */
    onRefusal(told: (refusal: Refusal) => void): void
    /** For the server, which refused a request by itself. */
    refused(refusal: Refusal): void
  }
}

/** What the log and the metrics say of a request whose client left before the answer was out, as nginx does. */
const clientClosed = 499
/** The same of an answer that broke at the upstream after it had begun: what the client was told at first was not so. */
const upstreamBroke = 502

/** Lets others know when a request is over, however it ends. */
export default fp(
  async (app: FastifyInstance) => {
    const completions: Completion[] = []
    app.decorate('onCompletion', (completion: Completion) => {
      completions.push(completion)
    })
    const refusals: ((refusal: Refusal) => void)[] = []
    /** Requests under way that the server has answered in the app's place. */
    const refused = new WeakMap<ServerResponse, ErrorCode>()
    app.decorate('onRefusal', (told: (refusal: Refusal) => void) => {
      refusals.push(told)
    })
    app.decorate('refused', (refusal: Refusal) => {
      if (refusal.underWay !== undefined) refused.set(refusal.underWay, refusal.code)
      else for (const told of refusals) told(refusal)
    })
    app.addHook('onRequest', (request, reply, done) => {
      reply.raw.on('close', () => {
        const code = refused.get(reply.raw)
        if (code !== undefined) request.errorCode = code
        const status = code === undefined ? statusOf(request, reply) : errorTable[code].status
        for (const completion of completions) completion(request, reply, status)
      })
      done()
    })
  },
  { name: 'completion' }
)

function statusOf({ exchange }: FastifyRequest, { raw }: FastifyReply): number {
  if (raw.writableFinished) return raw.statusCode
  return exchange?.brokenBy === undefined ? clientClosed : upstreamBroke
}
