import { checkBackoff, type Draft, whereWritten } from './draft.ts'
import { merge } from './fill.ts'
import { createSuggester } from './nearest.ts'
import { entriesOf, kindOf, nodeOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { type FilledRoute, isSticky, sharesOf } from './resolve-route.ts'
import { destinations, RouteOptions } from './schema-route.ts'

const usable = destinations.filter(key => nodeOf(RouteOptions.properties[key]).soon !== true)

/** Routes go to one place that exists, no two match the same, and their limits agree. */
export function checkRoutes(draft: Draft, report: Report): void {
  const { input, routes } = draft
  const written = valueAt(input, 'routes')
  const groups = createSuggester(
    entriesOf(valueAt(input, 'upstreams')).map(([name]) => name),
    'upstream'
  )
  const plugins = createSuggester(
    draft.plugins.flatMap(plugin => plugin?.name ?? []),
    'plugin'
  )
  const complete = draft.plugins.every(plugin => plugin !== undefined)
  const seen = new Map<string, number>()
  for (const [index, route] of routes.entries()) {
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    if (route === undefined || kindOf(own) !== 'mapping') continue
    const path: Path = ['routes', index]
    const where = (key: string): Path => whereWritten(input, path, own, key)
    checkPath(own, path, report)
    checkDestination(own, valueAt(input, 'defaults'), path, report)
    checkGroups(route, where, groups, report)
    checkAnswer(route, where, report)
    checkPlace(route.redirect, merge(valueAt(input, 'defaults'), own), where('redirect'), report)
    checkSame(route, index, own, seen, report)
    checkBody(route, own, valueAt(input, 'defaults'), where('body'), report)
    checkBackoff(route.retry?.backoff, [...path, 'retry', 'backoff'], report)
    if (!complete) continue
    for (const [at, name] of route.plugins.entries()) {
      const wrong = name === undefined ? undefined : plugins(name)
      if (wrong !== undefined) report.add([...where('plugins'), at], wrong)
    }
  }
}

/** Of a prefix and a path a route has one. */
function checkPath(own: unknown, path: Path, report: Report): void {
  const [under, whole] = [valueAt(own, 'prefix'), valueAt(own, 'path')]
  if (under === undefined && whole === undefined)
    report.add([...path, 'prefix'], 'is missing; accepted: a path that begins with /, such as /orders')
  if (under !== undefined && whole !== undefined) report.add(path, 'has prefix and path; accepted: one of them')
}

function checkDestination(own: unknown, defaults: unknown, path: Path, report: Report): void {
  const named = (value: unknown): string[] =>
    destinations.filter(key => ![undefined, null, false].includes(asFlag(valueAt(value, key))))
  const here = named(own)
  const accepted = `accepted: one of ${usable.join(', ')}`
  if (here.length === 0 && destinations.every(key => valueAt(own, key) === undefined)) {
    const below = named(defaults)
    if (below.length === 0) report.add(path, `does not say where requests go; ${accepted}`)
    if (below.length > 1) report.add(['defaults'], `has ${below.join(' and ')}; ${accepted}`)
  }
  if (here.length > 1) report.add(path, `has ${here.join(' and ')}; ${accepted}`)
}

/** Only what means "none" matters; everything else is one value. */
function asFlag(value: unknown): undefined | null | boolean {
  return value === undefined || value === null || value === false ? value : true
}

function checkGroups(
  route: FilledRoute,
  where: (key: string) => Path,
  groups: (name: string) => string | undefined,
  report: Report
): void {
  const unknown = route.upstream === undefined ? undefined : groups(route.upstream)
  if (unknown !== undefined) report.add(where('upstream'), unknown)
  if (route.split === undefined) return
  const path = isSticky(route.split) ? [...where('split'), 'to'] : where('split')
  const shares = sharesOf(route.split)
  for (const { upstream } of shares) {
    const wrong = groups(upstream)
    if (wrong !== undefined) report.add([...path, upstream], wrong, 'key')
  }
  if (shares.every(({ share }) => share === 0)) report.add(path, 'the shares sum to 0; accepted: at least one above 0')
}

const redirects = [301, 302, 303, 307, 308]

/** A redirect is one, and an answer that may have no body has none (RFC 9110 sections 15.3.5 and 15.4.5). */
function checkAnswer({ redirect, respond }: FilledRoute, where: (key: string) => Path, report: Report): void {
  if (redirect && redirect.status !== undefined && !redirects.includes(redirect.status))
    report.add([...where('redirect'), 'status'], `${redirect.status} is no redirect; accepted: ${redirects.join(', ')}`)
  if (respond && [204, 205, 304].includes(respond.status) && respond.body !== '')
    report.add(
      [...where('respond'), 'body'],
      `an answer with status ${respond.status} has no body; accepted: none, or another status`
    )
}

/** A redirect leads somewhere, and says each thing once. `all` is what is written: what was refused is said too. */
function checkPlace(redirect: FilledRoute['redirect'], all: unknown, where: Path, report: Report): void {
  if (!redirect) return
  const said = ['to', 'scheme', 'host', 'port'].filter(key => valueAt(valueAt(all, 'redirect'), key) !== undefined)
  if (said.length === 0 && valueAt(valueAt(all, 'transform'), 'path') === undefined)
    report.add(where, 'does not say where to; accepted: to, scheme, host or port, or transform.path beside it')
  const second = redirect.to === undefined || redirect.to.startsWith('/') ? undefined : said.find(key => key !== 'to')
  if (second !== undefined) report.add([...where, second], 'is said by to already; accepted: one of them')
}

function checkSame(route: FilledRoute, index: number, own: unknown, seen: Map<string, number>, report: Report): void {
  // A predicate that was refused would make routes look the same that are not.
  const refused = ['prefix', 'path', 'host', 'methods', 'headers', 'query'].some(
    key => valueAt(own, key) !== undefined && valueAt(route, key) === undefined
  )
  if (refused || (route.prefix ?? route.path) === undefined) return
  const { host, prefix, path, methods = [], headers = {}, query = {} } = route
  const key = JSON.stringify([host, prefix, path, [...new Set(methods)].sort(), sorted(headers), sorted(query)])
  const first = seen.get(key)
  if (first === undefined) {
    seen.set(key, index)
    return
  }
  const { line } = report.place(['routes', first])
  const other = `routes[${first}]${line === undefined ? '' : ` in line ${line}`}`
  report.add(
    ['routes', index],
    `matches the same requests as ${other}; accepted: another host, prefix or path, methods, headers or query`
  )
}

function sorted(values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A buffer that nobody wrote gives way to a smaller max. */
function checkBody(route: FilledRoute, own: unknown, defaults: unknown, path: Path, report: Report): void {
  const wrote = [own, defaults].some(value => valueAt(valueAt(value, 'body'), 'buffer') !== undefined)
  if (wrote && route.body.buffer > route.body.max) report.add([...path, 'buffer'], 'is above max; accepted: at most max')
}
