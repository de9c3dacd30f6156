import type { Draft } from './draft.ts'
import { whereWritten } from './draft.ts'
import { valueAt } from './node.ts'
import type { Report } from './report.ts'

/** An answer fits into its store, and a file is one store. */
export function checkCaches({ input, routes }: Draft, report: Report): void {
  const files = new Map<string, string>()
  const written = valueAt(input, 'routes')
  for (const [index, route] of routes.entries()) {
    const cache = route?.cache
    // What was refused is not there, whatever the type says.
    if (cache === undefined || cache === false) continue
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    const where = (key: string) => whereWritten(input, ['routes', index], own, 'cache', key)
    const { store, maxSize, maxEntry, maxEntries } = cache
    if (maxSize !== undefined && maxEntry !== undefined && maxEntry > maxSize)
      report.add(where('maxEntry'), 'is above maxSize, so that no answer of that length fits; accepted: maxSize or less')
    if (typeof store !== 'object' || store.disk === undefined) continue
    const bounds = JSON.stringify([maxSize, maxEntries, maxEntry])
    if ((files.get(store.disk) ?? bounds) !== bounds)
      report.add(
        where('store'),
        `${store.disk} is the store of another route with other bounds; accepted: the same, or another file`
      )
    files.set(store.disk, bounds)
  }
}
