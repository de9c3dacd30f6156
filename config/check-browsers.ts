import { type Draft, whereWritten } from './draft.ts'
import { kindOf, valueAt } from './node.ts'
import type { Report } from './report.ts'

/** What browsers would not do, whatever they are told. */
export function checkBrowsers({ input, routes }: Draft, report: Report): void {
  const written = valueAt(input, 'routes')
  for (const [index, route] of routes.entries()) {
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    if (route === undefined || kindOf(own) !== 'mapping') continue
    const { cors } = route
    // What was refused before is not there, whatever the type says.
    const { origins, credentials } = (cors || {}) as { origins?: readonly string[]; credentials?: boolean }
    if (credentials === true && origins?.includes('*'))
      report.add(
        whereWritten(input, ['routes', index], own, 'cors', 'credentials'),
        'browsers send no credentials where every origin is allowed; accepted: false, or origins that are named'
      )
  }
}
