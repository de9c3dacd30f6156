import type { Static } from 'typebox'
import { hostAndPort } from './scalars/network.ts'
import type { HedgeDelay } from './scalars/units.ts'
import type { UpstreamOptions } from './schema-upstream.ts'
import type { Resolved, TargetConfig, TlsConfig, UpstreamConfig } from './types.ts'

type Written = Resolved<Static<typeof UpstreamOptions>>
type WrittenTarget = Written['targets'][number]

/** A group after its values were read, merged and filled; a part that was refused is not there. */
export type FilledUpstream = Omit<Written, 'targets' | 'tls'> & {
  readonly targets?: readonly (WrittenTarget | undefined)[]
  readonly tls: TlsConfig
}

/** Brings a group into the form that the program uses. */
export function resolveUpstream(name: string, filled: FilledUpstream): UpstreamConfig {
  const { balance, breaker, outliers, failover, health, hedge, limits, slowStart, retry, timeouts, tls, protocol } = filled
  return {
    name,
    targets: resolveTargets(filled.targets).filter(target => target !== undefined),
    balance: resolveBalance(balance),
    health: resolveHealth(health),
    limits,
    slowStart,
    breaker,
    outliers,
    retry,
    // Its reader has made one of the two forms of it.
    hedge: hedge === false ? false : { after: hedge.after as unknown as HedgeDelay, budget: hedge.budget },
    failover: {
      ...(failover.group === undefined ? {} : { group: failover.group }),
      order: failover.order,
      k: failover.k,
      metric: failover.metric,
      panic: failover.panic,
      spill: failover.spill,
      failback: failover.failback
    },
    timeouts,
    tls,
    protocol
  }
}

function resolveBalance(balance: Written['balance']): UpstreamConfig['balance'] {
  if (typeof balance === 'string') return { algorithm: balance }
  const { algorithm, by, bounded }: { algorithm: typeof balance.algorithm; by?: string; bounded?: number } = balance
  return { algorithm, ...(by === undefined ? {} : { by }), ...(bounded === undefined ? {} : { bounded }) }
}

/** Absent and false are the same: nobody is asked. */
function resolveHealth(health: Written['health'] | undefined): UpstreamConfig['health'] {
  return health === undefined || health === false ? false : health
}

/** At the same index as they are written; undefined where a target was refused. */
export function resolveTargets(targets: FilledUpstream['targets'] = []): (TargetConfig | undefined)[] {
  return targets.map(target => {
    if (target === undefined) return undefined
    const full: Partial<Exclude<WrittenTarget, string>> = typeof target === 'string' ? { url: target } : target
    if (full.url === undefined) return undefined
    return {
      id: full.id ?? hostAndPort(full.url),
      url: full.url,
      weight: full.weight ?? 1,
      tier: full.tier ?? 0,
      ...(full.zone === undefined ? {} : { zone: full.zone }),
      tags: full.tags ?? [],
      labels: full.labels ?? {}
    }
  })
}
