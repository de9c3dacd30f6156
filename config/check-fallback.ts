import { type Draft, whereWritten } from './draft.ts'
import { createSuggester } from './nearest.ts'
import { entriesOf, kindOf, valueAt } from './node.ts'
import type { Report } from './report.ts'

/** Fallback groups exist, and no chain of them leads back to where it began. */
export function checkFallbacks({ input, upstreams }: Draft, report: Report): void {
  const written = valueAt(input, 'upstreams')
  const wrong = createSuggester(
    entriesOf(written).map(([name]) => name),
    'upstream'
  )
  const next = new Map([...upstreams].map(([name, { failover }]) => [name, failover.group]))
  for (const [name, fallback] of next) {
    const own = valueAt(written, name)
    if (fallback === undefined || kindOf(own) !== 'mapping') continue
    const path = whereWritten(input, ['upstreams', name], own, 'failover', 'group')
    const unknown = wrong(fallback)
    if (unknown !== undefined) report.add(path, unknown)
    else if (leadsTo(name, fallback, next)) report.add(path, `leads back to ${name}; accepted: a chain of groups that ends`)
  }
}

function leadsTo(name: string, from: string, next: ReadonlyMap<string, string | undefined>): boolean {
  const seen = new Set<string>()
  for (let at: string | undefined = from; at !== undefined && !seen.has(at); at = next.get(at)) {
    if (at === name) return true
    seen.add(at)
  }
  return false
}
