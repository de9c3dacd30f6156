import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type Priority, priorities } from '../src/model/admitting.ts'
import { GatewayError } from '../src/model/errors.ts'
import type { Clock } from '../src/time/clock.ts'
import { exchangeOf } from './exchange.ts'

/** Lets as many requests of a group be under way as its limit says; the next few wait here, and the rest is shed at once. */
export default fp(
  async (app: FastifyInstance, { clock }: { clock: Clock }) => {
    app.addHook('preHandler', (request, reply, done) => {
      const exchange = exchangeOf(request)
      const { admission } = exchange.group
      // Of a client that has left already nobody would hear that it leaves: its place would be lost.
      if (admission === undefined || reply.raw.destroyed) return done()
      // What is decided at once waits until the exchange knows how to leave: the rest of the chain runs inside `done`.
      let entered = false
      const decided: (() => void)[] = []
      const then = (next: () => void) => void (entered ? next() : decided.push(next))
      const waiting = {
        priority: priorityOf(request),
        admit: () => then(() => done()),
        shed: () => then(() => done(new GatewayError('EG_OVERLOADED', undefined, { 'retry-after': '1' })))
      }
      const leave = admission.enter(waiting, clock())
      exchange.leave = leave
      // A client may leave while it waits, and a hook may answer before anything is forwarded.
      reply.raw.on('close', () => leave(clock()))
      entered = true
      for (const next of decided) next()
    })
  },
  { name: 'limiting', dependencies: ['exchange'] }
)

function priorityOf(request: FastifyRequest): Priority {
  const { route } = exchangeOf(request)
  if (typeof route.priority !== 'function') return route.priority ?? 'default'
  const named = route.priority({ headers: request.headers, search: '', ip: request.ip })
  return priorities.find(priority => priority === named) ?? 'default'
}
