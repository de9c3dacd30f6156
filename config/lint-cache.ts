import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'

/** Warns of a file that holds fewer answers than its bounds seem to say. */
export function lintCaches({ routes }: GatewayConfig, report: Report): void {
  for (const [index, { cache }] of routes.entries()) {
    if (cache === false || cache.store === 'memory') continue
    const most = Math.floor(cache.maxSize / cache.maxEntry)
    if (most < cache.maxEntries)
      report.warn(
        ['routes', index, 'cache'],
        `at most ${most} answers are kept: on disk each counts as one of maxEntry, and maxSize holds no more of these`
      )
  }
}
