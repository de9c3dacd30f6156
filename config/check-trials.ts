import { type Draft, whereWritten } from './draft.ts'
import { createSuggester } from './nearest.ts'
import { entriesOf, kindOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { mirrorsOf } from './resolve-mirror.ts'
import type { FilledRoute } from './resolve-route.ts'

/** Mirrors are groups that exist, each once; a fault does something. */
export function checkTrials({ input, routes }: Draft, report: Report): void {
  const written = valueAt(input, 'routes')
  const groups = createSuggester(
    entriesOf(valueAt(input, 'upstreams')).map(([name]) => name),
    'upstream'
  )
  for (const [index, route] of routes.entries()) {
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    if (route === undefined || kindOf(own) !== 'mapping') continue
    const where = (key: string): Path => whereWritten(input, ['routes', index], own, key)
    checkMirrors(route, where('mirror'), groups, report)
    checkFault(route, own, where('fault'), report)
  }
}

function checkMirrors({ mirror }: FilledRoute, path: Path, groups: (name: string) => string | undefined, report: Report): void {
  const seen = new Map<string, number>()
  for (const [at, each] of mirrorsOf(mirror).entries()) {
    if (each?.upstream === undefined) continue
    const place = [...path, ...(Array.isArray(mirror) ? [at] : []), 'upstream']
    const unknown = groups(each.upstream)
    const first = seen.get(each.upstream)
    if (unknown !== undefined) report.add(place, unknown)
    else if (first !== undefined) report.add(place, `${each.upstream} is there twice; accepted: each group once`)
    seen.set(each.upstream, at)
  }
}

function checkFault({ fault }: FilledRoute, own: unknown, path: Path, report: Report): void {
  if (fault === undefined || fault === false) return
  const { delay } = fault
  if (typeof delay === 'object') {
    const [from, to] = delay
    if (from !== undefined && to !== undefined && (from > to || to === 0))
      report.add([...path, 'delay'], 'is no range; accepted: [the shortest, the longest], the longest above 0')
  }
  // What is written and was refused is not missing.
  const wrote = ['delay', 'abort'].some(
    key => valueAt(valueAt(own, 'fault'), key) !== undefined || valueAt(fault, key) !== undefined
  )
  if (!wrote) report.add(path, 'does nothing; accepted: delay, abort, or both')
}
