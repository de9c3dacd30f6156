import type { Target } from '../../src/model/target.ts'
import type { Registry, RunningGroup } from '../../src/upstream/registry.ts'

/** Every group with its targets: what each is, what it does, and why it gets no traffic where it gets none. */
export function describeUpstreams(registry: Registry, now: number, wallClockMs: number) {
  /** A monotonic instant as a date. */
  const dated = (at: number | undefined) => (at === undefined ? null : new Date(wallClockMs + at - now).toISOString())
  return registry.groups.map(running => ({
    name: running.group.name,
    balance: running.group.picker.algorithm,
    protocol: running.protocol,
    panic: running.group.gates.isPanicking(now),
    targets: running.group.targets.map(target => describeTarget(running, target, now, dated))
  }))
}

type Dated = (at: number | undefined) => string | null

function describeTarget(
  { group, traffic, telemetry, maintenance, health, breaker, ejection }: RunningGroup,
  target: Target,
  now: number,
  dated: Dated
) {
  const { inFlight, requests, failures, latency } = traffic.of(target)
  return {
    id: target.id,
    url: target.url,
    tier: target.tier,
    weight: target.weight,
    ...(target.zone === undefined ? {} : { zone: target.zone }),
    tags: target.tags,
    labels: target.labels,
    eligible: group.gates.refusal(target, now) === undefined,
    // In panic a target may be used although something is held against it.
    why: group.gates.complaint(target, now) ?? null,
    health: health.healthOf(target).state,
    lastCheck: health.healthOf(target).last ?? null,
    breaker: breaker?.stateOf(target, now) ?? 'off',
    breakerOpenUntil: dated(breaker?.opensUntil(target)),
    ejectedUntil: dated(ejection?.ejectedUntil(target)),
    maintenance: maintenance.orderFor(target) ?? null,
    inFlight,
    latencyMs: latency.percentiles(),
    requests,
    failures,
    telemetry: telemetry.latest(target, now) ?? null
  }
}
