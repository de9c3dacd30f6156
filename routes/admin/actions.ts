import type { FastifyInstance } from 'fastify'
import { GatewayError } from '../../src/model/errors.ts'
import type { Clock } from '../../src/time/clock.ts'
import type { Registry, RunningGroup } from '../../src/upstream/registry.ts'

export interface ActionOptions {
  readonly registry: Registry
  readonly clock: Clock
  /** Milliseconds since 1970, for the record of who did what when. */
  readonly wallClock: () => number
}

interface Named {
  readonly name: string
  readonly id: string
  readonly action: string
}

/** What an operator can do to a target, and to a group. */
export default async function actions(app: FastifyInstance, { registry, clock, wallClock }: ActionOptions) {
  app.post<{ Params: Named }>('/api/upstreams/:name/targets/:id/:action', async ({ params, ip, log }) => {
    const running = groupNamed(registry, params.name)
    const target = running.group.targets.find(({ id }) => id === params.id)
    if (target === undefined) throw new GatewayError('EG_NO_ROUTE', `Upstream ${params.name} has no target ${params.id}.`)
    const when = new Date(wallClock()).toISOString()
    log.warn({ upstream: params.name, target: params.id, action: params.action, who: ip, when }, 'operator')
    switch (params.action) {
      case 'drain':
        running.maintenance.drain(target, ip, when)
        break
      case 'enable':
        running.maintenance.enable(target, clock())
        running.ejection?.readmit(target, clock())
        break
      case 'eject':
        if (running.ejection === undefined) throw new GatewayError('EG_BAD_REQUEST', 'Ejection is turned off for this upstream.')
        if (!running.ejection.ejectByHand(target, `${ip} at ${when}`, clock()))
          throw new GatewayError('EG_BAD_REQUEST', 'It is the last usable target, or too many are out.')
        break
      default:
        throw new GatewayError('EG_NO_ROUTE', 'The actions are drain, enable and eject.')
    }
    return { upstream: params.name, target: params.id, action: params.action, who: ip, when }
  })

  app.post<{ Params: { name: string } }>('/api/upstreams/:name/failback', async ({ params, ip, log }) => {
    groupNamed(registry, params.name).failback()
    log.warn({ upstream: params.name, action: 'failback', who: ip }, 'operator')
    return { upstream: params.name, action: 'failback', who: ip }
  })
}

function groupNamed(registry: Registry, name: string): RunningGroup {
  const running = registry.groups.find(({ group }) => group.name === name)
  if (running === undefined) throw new GatewayError('EG_NO_ROUTE', `There is no upstream ${name}.`)
  return running
}
