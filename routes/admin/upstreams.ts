import type { Target } from '../../src/model/target.ts'
import type { Registry, RunningGroup } from '../../src/upstream/registry.ts'

/** Every group with its targets: what each is, what it does, and why it gets no traffic where it gets none. */
export function describeUpstreams(registry: Registry, now: number) {
  return registry.groups.map(running => ({
    name: running.group.name,
    balance: running.group.picker.algorithm,
    targets: running.group.targets.map(target => describeTarget(running, target, now))
  }))
}

function describeTarget({ group, traffic, breaker }: RunningGroup, target: Target, now: number) {
  const why = group.gates.refusal(target, now)
  const { inFlight, requests, failures, latency } = traffic.of(target)
  const breakerState = breaker?.stateOf(target, now) ?? 'off'
  const opensUntil = breaker?.opensUntil(target)
  return {
    id: target.id,
    url: target.url,
    tier: target.tier,
    weight: target.weight,
    ...(target.zone === undefined ? {} : { zone: target.zone }),
    tags: target.tags,
    labels: target.labels,
    eligible: why === undefined,
    why: why ?? null,
    health: 'unchecked',
    breaker: breakerState,
    breakerOpenForMs: opensUntil === undefined ? null : Math.max(0, Math.round(opensUntil - now)),
    ejectedUntil: null,
    inFlight,
    latencyMs: latency.percentiles(),
    requests,
    failures,
    telemetry: null
  }
}
