import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { checkAuth } from './check-auth.ts'
import { checkBrowsers } from './check-browsers.ts'
import { checkCaches } from './check-cache.ts'
import { checkCredentials } from './check-credentials.ts'
import { checkFallbacks } from './check-fallback.ts'
import { checkLimits } from './check-limits.ts'
import { checkListeners } from './check-listen.ts'
import { checkPolicies } from './check-policies.ts'
import { checkRoutes } from './check-routes.ts'
import { checkSecurity } from './check-security.ts'
import { checkTransforms } from './check-transform.ts'
import { checkTrials } from './check-trials.ts'
import { checkUpstreams } from './check-upstreams.ts'
import type { Draft } from './draft.ts'
import { valueAt } from './node.ts'
import type { Report } from './report.ts'
import { addressOf, listenersOf, resolveAdmin } from './resolve.ts'

/** Everything that concerns more than one value. */
export function checkGateway(draft: Draft, report: Report): void {
  checkAddresses(draft, report)
  checkListeners(draft, report)
  checkBuckets(draft, report)
  checkPlugins(draft, report)
  checkUpstreams(draft, report)
  checkPolicies(draft, report)
  checkFallbacks(draft, report)
  checkRoutes(draft, report)
  checkBrowsers(draft, report)
  checkSecurity(draft, report)
  checkAuth(draft, report)
  checkCredentials(draft, report)
  checkLimits(draft, report)
  checkTrials(draft, report)
  checkTransforms(draft, report)
  checkCaches(draft, report)
}

function checkAddresses({ input, top }: Draft, report: Report): void {
  const listens = listenersOf(top.listen).flatMap(entry => addressOf(entry) ?? [])
  const admin = resolveAdmin(top.admin)
  const seen = new Set<string>()
  const many = Array.isArray(valueAt(input, 'listen'))
  for (const [index, address] of listens.entries()) {
    const text = `${address.host}:${address.port}`
    if (address.port !== 0 && seen.has(text)) report.add(many ? ['listen', index] : ['listen'], `${text} is there twice`)
    seen.add(text)
  }
  if (admin === false || admin.port === 0) return
  const clash = listens.some(
    ({ host, port }) => port === admin.port && (host === admin.host || host === '0.0.0.0' || host === '::')
  )
  if (clash) report.add(['admin'], `port ${admin.port} is taken by listen; accepted: another port, or false`)
}

function checkBuckets({ top }: Draft, report: Report): void {
  const { buckets } = top.metrics
  if (typeof buckets === 'string') return
  const wrong = buckets.findIndex((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? 0))
  if (wrong > 0) report.add(['metrics', 'buckets', wrong], 'is not above the one before; accepted: seconds in ascending order')
}

function checkPlugins({ plugins, fromFile }: Draft, report: Report): void {
  const indexes = new Map<string, number>()
  for (const [index, plugin] of plugins.entries()) {
    if (plugin === undefined) continue
    const first = indexes.get(plugin.name)
    if (first !== undefined) {
      report.add(['plugins', index], `plugins[${first}] has the name ${plugin.name} too; accepted: a name of its own`)
    } else indexes.set(plugin.name, index)
    if (fromFile && isAbsolute(plugin.use) && !existsSync(plugin.use)) {
      report.add(['plugins', index, 'use'], `${plugin.use} cannot be read: there is no such file`)
    }
  }
}
