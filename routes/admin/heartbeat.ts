import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../../src/model/errors.ts'
import type { TelemetryVector } from '../../src/model/telemetry.ts'
import type { Clock } from '../../src/time/clock.ts'
import type { Registry } from '../../src/upstream/registry.ts'

interface Beat extends TelemetryVector {
  /** Seconds until the sender counts as gone when nothing more comes. */
  readonly lease?: number
}

const number = (maximum: number) => ({ type: 'number', minimum: 0, maximum })

/** What a heartbeat may say. */
const schema = {
  body: {
    type: ['object', 'null'],
    properties: {
      lease: { type: 'number', exclusiveMinimum: 0, maximum: 86_400 },
      cpu: number(1),
      memory: number(1),
      latency: number(1e9),
      inFlight: number(1e9)
    },
    additionalProperties: false
  }
}

const defaultLeaseSeconds = 10

/** Takes the word of targets that say by themselves that they are alive, and how they are. */
export default async function heartbeat(app: FastifyInstance, { registry, clock }: { registry: Registry; clock: Clock }) {
  app.put<{ Params: { name: string; id: string }; Body?: Beat | null }>(
    '/api/heartbeat/:name/:id',
    { schema },
    async ({ params, body }, reply) => {
      const running = registry.groups.find(({ group }) => group.name === params.name)
      const target = running?.group.targets.find(({ id }) => id === params.id)
      if (running === undefined || target === undefined) {
        throw new GatewayError('EG_NO_ROUTE', `There is no target ${params.id} of ${params.name}.`)
      }
      const { lease = defaultLeaseSeconds, ...vector } = body ?? {}
      running.health.beat(target, lease * 1000, Object.keys(vector).length > 0 ? vector : undefined, clock())
      return reply.code(204).send()
    }
  )
}
