import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, type Metric as PromMetric, Registry as PromRegistry } from 'prom-client'
import type { Admitting } from '../src/model/admitting.ts'
import { gaugeMetric, type Metric, type Sample } from '../src/observe/exposition.ts'
import type { Meters } from '../src/observe/meters.ts'
import type { Clock } from '../src/time/clock.ts'
import type { Registry } from '../src/upstream/registry.ts'

export interface OpsOptions {
  readonly isReady: () => boolean
  readonly meters: Meters
  readonly registry: Registry
  readonly config: { readonly revision: string }
  readonly clock: Clock
}

/** What probes and Prometheus ask: never in need of a token, never dependent on an upstream. */
export default async function ops(app: FastifyInstance, { isReady, meters, registry, config, clock }: OpsOptions) {
  const prometheus = new PromRegistry()
  collectDefaultMetrics({ register: prometheus })
  for (const metric of [...meters.metrics(), ...stateMetrics(registry, config.revision, clock)])
    prometheus.registerMetric(asPrometheus(metric))

  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const ready = isReady()
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not ready' })
  })
  app.get('/metrics', async (_request, reply) => reply.type(prometheus.contentType).send(await prometheus.metrics()))
}

/** What is read from the policies when somebody looks. */
function stateMetrics(registry: Registry, revision: string, clock: Clock): Metric[] {
  const breakerLevel = { closed: 0, 'half-open': 1, open: 2 }
  const eachTarget = (
    value: (running: Registry['groups'][number], target: Registry['groups'][number]['group']['targets'][number]) => number
  ) =>
    registry.groups.flatMap(running =>
      running.group.targets.map(
        (target): Sample => ({ labels: { upstream: running.group.name, target: target.id }, value: value(running, target) })
      )
    )
  return [
    gaugeMetric('evergate_target_eligible', 'Whether a target may get traffic now: 1 or 0.', () =>
      eachTarget(({ group }, target) => (group.gates.refusal(target, clock()) === undefined ? 1 : 0))
    ),
    gaugeMetric('evergate_breaker_state', 'The breaker of a target: 0 closed, 1 half open, 2 open.', () =>
      eachTarget(({ breaker }, target) => breakerLevel[breaker?.stateOf(target, clock()) ?? 'closed'])
    ),
    gaugeMetric('evergate_in_flight', 'Attempts under way.', () =>
      registry.groups.map(({ group, traffic }) => ({
        labels: { upstream: group.name },
        value: group.targets.reduce((sum, target) => sum + traffic.inFlight(target), 0)
      }))
    ),
    gaugeMetric('evergate_panic', 'Whether so few targets pass health and ejection that these are not heard: 1 or 0.', () =>
      registry.groups.map(({ group }) => ({ labels: { upstream: group.name }, value: group.gates.isPanicking(clock()) ? 1 : 0 }))
    ),
    gaugeMetric('evergate_concurrency_limit', 'How many requests of a group may be under way, where that is limited.', () =>
      eachAdmission(registry, ({ limit }) => limit)
    ),
    gaugeMetric('evergate_waiting', 'Requests that wait for their turn, where a group has a limit.', () =>
      eachAdmission(registry, ({ waiting }) => waiting)
    ),
    gaugeMetric('evergate_config_info', 'The configuration that runs; always 1.', () => [{ labels: { revision }, value: 1 }])
  ]
}

const eachAdmission = (registry: Registry, value: (admission: Admitting) => number): Sample[] =>
  registry.groups.flatMap(({ group: { name, admission } }) =>
    admission === undefined ? [] : [{ labels: { upstream: name }, value: value(admission) }]
  )

/** prom-client takes any object of this form, which costs nothing until it is scraped. */
function asPrometheus({ name, help, type, samples }: Metric): PromMetric {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    get: async () => ({ name, help, type, aggregator: 'sum', values: samples() }),
    reset() {}
  }
  // Its type names the classes of the package only, its registry asks for no more than this.
  return metric as unknown as PromMetric
}
