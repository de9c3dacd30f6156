import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'

/** So late, in milliseconds, the event loop may run: then the process is doing more than it can. */
const latestMs = 2000

/** The last fuse: when this process itself cannot keep up, requests are refused before anything is done for them. */
export default fp(
  async (app: FastifyInstance) => {
    await app.register(underPressure, {
      maxEventLoopDelay: latestMs,
      pressureHandler() {
        throw new GatewayError('EG_OVERLOADED', undefined, { 'retry-after': '5' })
      }
    })
  },
  { name: 'overload', dependencies: ['errors'] }
)
