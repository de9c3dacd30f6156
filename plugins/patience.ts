import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import { grpcTimeoutMs } from '../src/model/grpc-timeout.ts'
import type { Route } from '../src/model/route.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Deadlines, Timed } from '../src/time/deadlines.ts'
import { answerProblem } from './errors.ts'
import type {} from './origin.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where nobody is waited for. */
    patience: Patience | null
  }
}

export interface PatienceOptions {
  readonly clock: Clock
  readonly deadlines: Deadlines
}

/** Answers 504 where hooks have not let a request go on within the time of its route: one of them may never end. */
export default fp(
  async (app: FastifyInstance, { clock, deadlines }: PatienceOptions) => {
    app.decorateRequest('patience', null)
    app.addHook('onRequest', (request, reply, done) => {
      const { match } = request
      if (match.kind === 'route') {
        request.patience = new Patience(deadlines, request, reply, match.route, clock())
        deadlines.add(request.patience)
      }
      done()
    })
    // A hook may have answered, or the client left.
    app.onCompletion(({ patience }) => patience?.end())
  },
  { name: 'patience', dependencies: ['routing', 'completion'] }
)

/** What a trusted client leaves of its own time; it is as good as its word when that is a number. */
const askedMs = (field: string | string[] | undefined) =>
  /^\d{1,9}$/.test(String(field)) ? Math.max(1, Number(field)) : Number.POSITIVE_INFINITY

/**
 * How long the answer may take to begin, in milliseconds: the route's time, or less where a trusted client, or the deadline of a
 * gRPC call, leaves less.
 */
function timeoutOf({ origin, headers }: FastifyRequest, { timeoutMs }: Route, callMs = Number.POSITIVE_INFINITY): number {
  const asked = origin.trusted ? askedMs(headers['x-request-timeout-ms']) : Number.POSITIVE_INFINITY
  return Math.min(timeoutMs, asked, callMs)
}

/** Waits for the hooks of one request. From when it is forwarded, the forwarder looks after its time. */
class Patience implements Timed {
  /** How long the answer may take to begin. */
  readonly timeoutMs: number
  /** When a gRPC call is over for its client. */
  readonly callDeadlineAt: number | undefined
  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  readonly #deadlines: Deadlines
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor(deadlines: Deadlines, request: FastifyRequest, reply: FastifyReply, route: Route, now: number) {
    const callMs = grpcTimeoutMs(request.headers['grpc-timeout'])
    this.#deadlines = deadlines
    this.#request = request
    this.#reply = reply
    this.timeoutMs = timeoutOf(request, route, callMs)
    this.callDeadlineAt = callMs && now + callMs
    this.dueAt = now + this.timeoutMs
  }

  due(): void {
    this.end()
    // A hook that is at work on an answer of its own may take its time.
    if (!this.#reply.sent) answerProblem(this.#request, this.#reply, new GatewayError('EG_TIMEOUT'))
  }

  /** Nobody is waited for any more. */
  end(): void {
    this.#deadlines.remove(this)
  }
}
