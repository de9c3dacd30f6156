import { lintAcme } from './check-acme.ts'
import { lintTransforms } from './check-transform.ts'
import { lintBorders } from './lint-borders.ts'
import { lintCaches } from './lint-cache.ts'
import { lintUpstreamCertificates } from './lint-certificates.ts'
import { lintCredentials } from './lint-credentials.ts'
import { lintLimits } from './lint-limits.ts'
import { lintPaths } from './lint-paths.ts'
import { lintSecurity } from './lint-security.ts'
import { lintTrials } from './lint-trials.ts'
import { lintUpstream } from './lint-upstreams.ts'
import type { Report } from './report.ts'
import { durationText } from './scalars/units.ts'
import type { GatewayConfig, UpstreamConfig } from './types.ts'
import type { RouteConfig } from './types-route.ts'

/** Warns of what is allowed and probably not meant. */
export function lint(config: GatewayConfig, report: Report): void {
  lintBorders(config, report)
  const groups = new Map(config.upstreams.map(upstream => [upstream.name, upstream]))
  const used = new Set<string>()
  const listed = new Set<string>()
  for (const [index, route] of config.routes.entries()) {
    for (const name of groupsOf(route)) {
      used.add(name)
      const group = groups.get(name)
      if (group === undefined) continue
      lintTime(route, index, group, report)
      lintHedge(route, group, report)
    }
    for (const { upstream } of route.mirrors) used.add(upstream)
    for (const plugin of route.plugins) listed.add(plugin)
  }
  for (const { failover } of config.upstreams) if (failover.group !== undefined) used.add(failover.group)
  for (const upstream of config.upstreams) {
    if (!used.has(upstream.name)) report.warn(['upstreams', upstream.name], 'no route uses this upstream')
    lintUpstream(upstream, report)
    lintUpstreamCertificates(upstream.tls, ['upstreams', upstream.name, 'tls'], report)
  }
  lintSecurity(config, report)
  lintPaths(config, report)
  lintCredentials(config, report)
  lintLimits(config, report)
  lintTrials(config, report)
  lintTransforms(config, report)
  lintCaches(config, report)
  lintAcme(config, report)
  for (const [index, plugin] of config.plugins.entries()) {
    if (plugin.routes === 'named' && !listed.has(plugin.name)) {
      report.warn(['plugins', index], `no route lists the plugin ${plugin.name}, and routes: named runs it nowhere else`)
    }
  }
}

/** The names of the groups that a route may send requests to. */
export function groupsOf(route: RouteConfig): readonly string[] {
  switch (route.to.kind) {
    case 'upstream':
      return [route.to.upstream]
    case 'split':
      return route.to.shares.map(({ upstream }) => upstream)
    default:
      return []
  }
}

function lintTime(route: RouteConfig, index: number, group: UpstreamConfig, report: Report): void {
  const attempts = route.retry?.attempts ?? group.retry.attempts
  const wholeMs = attempts * group.timeouts.response
  if (wholeMs <= route.timeout) return
  const each = durationText(group.timeouts.response)
  const tries =
    attempts === 1
      ? `one attempt at ${group.name} may take ${each}`
      : `${attempts} attempts at ${group.name} of ${each} each may take ${durationText(wholeMs)}`
  report.warn(['routes', index, 'timeout'], `${tries}, and the route ends after ${durationText(route.timeout)}`)
}

function lintHedge({ prefix, timeout }: RouteConfig, { name, hedge }: UpstreamConfig, report: Report): void {
  if (hedge === false || !('ms' in hedge.after) || hedge.after.ms < timeout) return
  report.warn(
    ['upstreams', name, 'hedge', 'after'],
    `no second attempt is made for ${prefix}, which ends after ${durationText(timeout)}`
  )
}
