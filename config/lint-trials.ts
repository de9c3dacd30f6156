import { groupsOf } from './lint.ts'
import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'
import type { RouteConfig } from './types-route.ts'

/** Warns of faults that are on, and of copies that are none or that double the load. */
export function lintTrials({ routes }: GatewayConfig, report: Report): void {
  for (const [index, route] of routes.entries()) {
    lintFault(route, index, report)
    lintMirrors(route, index, report)
  }
}

function lintFault({ fault, to, timeout }: RouteConfig, index: number, report: Report): void {
  if (fault === false) return
  const path = ['routes', index, 'fault']
  if (to.kind === 'redirect' || to.kind === 'respond') report.warn(path, 'has no effect: the gateway answers itself here')
  else report.warn(path, `faults are on: ${whoGets(fault)} ${whatOf(fault)}${tooLong(fault, timeout)}`)
}

type Fault = Exclude<RouteConfig['fault'], false>

function whoGets({ share, when }: Fault): string {
  const some = Object.keys(when.headers).length + Object.keys(when.query).length > 0 ? 'requests that ask for it' : 'requests'
  return share === 1 ? some : `${Math.round(share * 1000) / 10} % of ${some}`
}

function whatOf({ delay, abort }: Fault): string {
  const aborted = abort === 'reset' ? 'are dropped' : `are answered with ${abort}`
  return [delay === undefined ? [] : 'are delayed', abort === undefined ? [] : aborted].flat().join(' and ')
}

/** A wait counts against the time of the route. */
const tooLong = ({ delay }: Fault, timeout: number) =>
  delay !== undefined && delay[1] >= timeout ? `; after ${timeout / 1000} s, its timeout, the route answers 504` : ''

function lintMirrors(route: RouteConfig, index: number, report: Report): void {
  const path = ['routes', index, 'mirror']
  const groups = groupsOf(route)
  if (route.mirrors.length > 0 && groups.length === 0) {
    report.warn(path, 'has no effect: the gateway answers itself here')
    return
  }
  for (const { upstream } of route.mirrors) {
    if (groups.includes(upstream))
      report.warn(path, `${upstream} gets the requests of this route as well: each copy is done twice`)
  }
}
