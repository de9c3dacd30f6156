import type { RouteConfig } from '../config/types-route.ts'
import type { GatewayParts } from './core.ts'
import { IgnoredFields } from './mirror/ignored-fields.ts'
import { Mirror, UnderWay } from './mirror/mirror.ts'
import type { Group } from './model/group.ts'
import type { Mirroring } from './model/mirroring.ts'
import type { Meters } from './observe/meters.ts'
import type { Random } from './time/random.ts'
import type { Registry } from './upstream/registry.ts'

export interface MirrorsParts {
  readonly registry: Registry
  readonly meters: Meters
  readonly random: Random
  readonly logger: GatewayParts['logger']
}

/** The mirrors of a route. */
export type MirrorsOf = (route: Pick<RouteConfig, 'prefix' | 'to' | 'mirrors'>) => readonly Mirroring[]

const help = 'Copies of requests for a second group, by what became of them.'

/** Makes the mirrors of routes, which share what a group may have under way. The registry has every group that they name. */
export function buildMirrors({ registry, meters, random, logger }: MirrorsParts): MirrorsOf {
  const underWay = new Map<Group, UnderWay>()
  let counters: ReturnType<Meters['counter']> | undefined
  return ({ prefix, to, mirrors }) => {
    // Where the gateway answers itself nothing is forwarded that could be copied.
    if (mirrors.length === 0 || to.kind === 'redirect' || to.kind === 'respond') return []
    counters ??= meters.counter('evergate_mirrored_total', help, ['route', 'upstream', 'result'])
    const counter = counters
    return mirrors.map(({ upstream, share, compare }) => {
      const group = registry.group(upstream)
      const copies = underWay.get(group) ?? new UnderWay()
      underWay.set(group, copies)
      return new Mirror(group, {
        share,
        ...(compare === false ? {} : { ignored: new IgnoredFields(compare.ignore) }),
        underWay: copies,
        random,
        counted: result => counter.add(prefix, upstream, result),
        differed: ({ requestId, target }, difference) =>
          logger?.info(
            { id: requestId, route: prefix, upstream, target: target.id, ...difference },
            'a copy was answered differently'
          )
      })
    })
  }
}
