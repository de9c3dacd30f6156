import { type Draft, whereWritten } from './draft.ts'
import { kindOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { type FilledLimit, limitsOf } from './resolve-route.ts'

/** A limit lets something pass, within a time where its algorithm has one, and no two of a route have one name. */
export function checkLimits({ input, routes }: Draft, report: Report): void {
  const written = valueAt(input, 'routes')
  for (const [index, route] of routes.entries()) {
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    if (route === undefined || kindOf(own) !== 'mapping') continue
    const { rateLimit } = route
    const limits = limitsOf(rateLimit)
    const names = new Map<string, number>()
    for (const [at, limit] of limits.entries()) {
      if (limit === undefined) continue
      const place: Path = Array.isArray(rateLimit) ? [at] : []
      const where = (key: string): Path =>
        place.length === 0
          ? whereWritten(input, ['routes', index], own, 'rateLimit', key)
          : [...whereWritten(input, ['routes', index], own, 'rateLimit'), ...place, key]
      const isWritten = [own, valueAt(input, 'defaults')].some(from => valueAt(itemAt(from, at), 'window') !== undefined)
      checkLimit(limit, isWritten, where, report)
      checkName(limit, at, names, where('name'), report)
    }
  }
}

/** What is written as the limit of this number. */
function itemAt(from: unknown, at: number): unknown {
  const written = valueAt(from, 'rateLimit')
  return Array.isArray(written) ? written[at] : written
}

function checkLimit(filled: FilledLimit, isWritten: boolean, where: (key: string) => Path, report: Report): void {
  const { limit, window, algorithm } = filled
  if (limit !== undefined && limit < 1)
    report.add(where('limit'), `${limit} would refuse every request; accepted: 1 or more, or rateLimit: false for any number`)
  if (algorithm === 'concurrency' && window !== undefined)
    report.add(where('window'), 'has no meaning for concurrency, which counts requests under way; accepted: no window')
  if (algorithm !== undefined && algorithm !== 'concurrency' && !isWritten)
    report.add(where('window'), `is missing, and ${algorithm} needs it; accepted: a duration such as 1m`)
}

function checkName({ name }: FilledLimit, at: number, names: Map<string, number>, path: Path, report: Report): void {
  if (name === undefined) return
  const first = names.get(name)
  if (first === undefined) names.set(name, at)
  else report.add(path, `${name} is the name of rateLimit[${first}] too; accepted: a name of its own`)
}
