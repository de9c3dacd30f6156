import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import type { Fault } from '../src/model/faulting.ts'
import type { Meters } from '../src/observe/meters.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Deadlines, Timed } from '../src/time/deadlines.ts'
import type { Random } from '../src/time/random.ts'
import { exchangeOf } from './exchange.ts'

export interface FaultInjectionOptions {
  readonly clock: Clock
  readonly deadlines: Deadlines
  readonly random: Random
  readonly meters: Meters
}

/** Delays and aborts requests where their route asks for it, so that whoever is in front of the gateway can practise. */
export default fp(
  async (app: FastifyInstance, { clock, deadlines, random, meters }: FaultInjectionOptions) => {
    const injected = meters.counter('evergate_faults_injected_total', 'Faults that requests got on purpose, by the fault.', [
      'route',
      'fault'
    ])
    // After the exchange is opened: what is waited for here is a part of its time.
    app.addHook('preHandler', (request, reply, done) => {
      const { route, search } = exchangeOf(request)
      const fault = route.fault?.draw({ headers: request.headers, search: search.slice(1) }, random)
      if (fault === undefined) return done()
      const goOn = () => {
        if (fault.abort !== undefined) injected.add(route.prefix, fault.abort === 'reset' ? 'reset' : 'abort')
        abort(fault, request, reply, done)
      }
      if (fault.delayMs === 0) return goOn()
      injected.add(route.prefix, 'delay')
      const pause = new Pause(clock() + fault.delayMs, deadlines, () => {
        // Its time may be over, and that answered.
        if (!reply.sent) goOn()
      })
      deadlines.add(pause)
      // Nothing is done for a client that has left.
      reply.raw.once('close', () => deadlines.remove(pause))
    })
  },
  { name: 'fault-injection', dependencies: ['errors', 'exchange'] }
)

function abort({ abort: how }: Fault, request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  if (how === 'reset') drop(request, reply)
  else done(how === undefined ? undefined : new GatewayError('EG_FAULT_INJECTED', undefined, {}, how))
}

/** A connection over HTTP/1 ends as if the machine had gone; of HTTP/2 only the stream does. */
function drop(request: FastifyRequest, reply: FastifyReply): void {
  request.errorCode = 'EG_FAULT_INJECTED'
  reply.hijack()
  const { httpVersionMajor, socket } = request.raw
  // Node resets TCP alone. TLS that ends without a word is as broken for its client.
  if (httpVersionMajor === 1 && 'encrypted' in socket) socket.destroy()
  else if (httpVersionMajor === 1) socket.resetAndDestroy()
  reply.raw.destroy()
}

/** One request that waits on purpose. */
class Pause implements Timed {
  readonly dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  readonly #deadlines: Deadlines
  readonly #over: () => void

  constructor(dueAt: number, deadlines: Deadlines, over: () => void) {
    this.dueAt = dueAt
    this.#deadlines = deadlines
    this.#over = over
  }

  due(): void {
    this.#deadlines.remove(this)
    this.#over()
  }
}
