import type { Report } from './report.ts'
import { durationText } from './scalars/units.ts'
import type { UpstreamConfig } from './types.ts'

/** Warns of settings of a group that cannot do what they say. */
export function lintUpstream(upstream: UpstreamConfig, report: Report): void {
  const own = ['upstreams', upstream.name]
  lintHealth(upstream, own, report)
  lintBalance(upstream, own, report)
  const { outliers, hedge, targets } = upstream
  if (outliers !== false && outliers.maxEject < outliers.eject)
    report.warn(
      [...own, 'outliers', 'maxEject'],
      `is below eject, and the first ejection takes ${durationText(outliers.eject)} all the same`
    )
  if (hedge !== false && targets.length === 1)
    report.warn([...own, 'hedge'], 'has no effect: a second attempt goes to another target, and there is one')
}

/** Allowed, as HAProxy and Envoy allow it: a check that hangs delays the next one. */
function lintHealth({ health }: UpstreamConfig, own: readonly string[], report: Report): void {
  if (health === false || health.timeout <= health.interval) return
  const [timeout, interval] = [durationText(health.timeout), durationText(health.interval)]
  report.warn(
    [...own, 'health', 'timeout'],
    `${timeout} is above interval: a target that hangs is asked less often than every ${interval}`
  )
}

function lintBalance({ balance }: UpstreamConfig, own: readonly string[], report: Report): void {
  const { algorithm, by, bounded } = balance
  const places = algorithm === 'hash' || algorithm === 'maglev'
  if (by !== undefined && !places)
    report.warn([...own, 'balance', 'by'], `has no effect: ${algorithm} places no request by a key, hash and maglev do`)
  if (bounded !== undefined && algorithm !== 'hash')
    report.warn([...own, 'balance', 'bounded'], `has no effect: ${algorithm} has no cap, hash has`)
}
