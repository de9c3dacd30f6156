import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Deadlines, Timed } from '../src/time/deadlines.ts'
import { answerProblem } from './errors.ts'
import { timeoutOf } from './exchange.ts'

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
        request.patience = new Patience(deadlines, request, reply, clock() + timeoutOf(request, match.route))
        deadlines.add(request.patience)
      }
      done()
    })
    // A hook may have answered, or the client left.
    app.onCompletion(({ patience }) => patience?.end())
  },
  { name: 'patience', dependencies: ['routing', 'completion'] }
)

/** Waits for the hooks of one request. From when it is forwarded, the forwarder looks after its time. */
class Patience implements Timed {
  dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  readonly #deadlines: Deadlines
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply

  constructor(deadlines: Deadlines, request: FastifyRequest, reply: FastifyReply, dueAt: number) {
    this.#deadlines = deadlines
    this.#request = request
    this.#reply = reply
    this.dueAt = dueAt
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
