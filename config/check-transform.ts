import { namesIdentity, readTemplate } from '../src/model/template.ts'
import { type Draft, whereWritten } from './draft.ts'
import { entriesOf, kindOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { FilledRoute } from './resolve-route.ts'
import { resolveAuth } from './resolve-security.ts'
import type { GatewayConfig } from './types.ts'
import type { RouteConfig } from './types-route.ts'

/** A path is made in one way, and nobody's word about who he is gets to an upstream under another name. */
export function checkTransforms({ input, routes }: Draft, report: Report): void {
  const written = valueAt(input, 'routes')
  const identity = identityHeaders(routes)
  for (const [index, route] of routes.entries()) {
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    if (route === undefined || kindOf(own) !== 'mapping') continue
    const where = (keys: readonly string[]): Path => whereWritten(input, ['routes', index], own, 'transform', ...keys)
    if (route.transform.path !== undefined && route.rewrite !== undefined)
      report.add(where(['path']), 'stands beside rewrite; accepted: one of the two, and {rest} for what follows the prefix')
    const leads = pathOfRedirect(route)
    if (route.transform.path !== undefined && leads !== undefined && leads !== '/')
      report.add(where(['path']), `stands beside redirect.to, which says the path ${leads}; accepted: one of the two`)
    for (const [keys, template] of templatesOf(route.transform)) {
      for (const { name } of placeholdersOf(template)) {
        if (name.startsWith('header:') && identity.has(sameForMany(name.slice('header:'.length))))
          report.add(where(keys), `{${name}} is what auth says, and no client may; accepted: {claim:NAME} or {consumer}`)
      }
    }
  }
}

/** Of a path or a URL. */
function pathOfRedirect({ redirect }: FilledRoute): string | undefined {
  return redirect && redirect.to !== undefined ? new URL(redirect.to, 'http://localhost').pathname : undefined
}

/** Warns of values that nobody ever has. */
export function lintTransforms({ routes }: GatewayConfig, report: Report): void {
  for (const [index, { auth, transform, to }] of routes.entries()) {
    for (const part of unusedBy(to.kind))
      if (isSaid(transform[part])) report.warn(['routes', index, 'transform', part], `changes nothing: the route has ${to.kind}`)
    if (auth !== false) continue
    for (const [keys, template] of templatesOf(transform)) {
      const [unknown] = placeholdersOf(template).filter(namesIdentity)
      if (unknown === undefined) continue
      const comes = keys[0] === 'path' ? 'every request is refused' : 'nothing is ever put in'
      report.warn(['routes', index, 'transform', ...keys], `{${unknown.name}} is not known: the route has no auth, and ${comes}`)
    }
  }
}

/** What a route without a target has nothing of. */
function unusedBy(kind: RouteConfig['to']['kind']): readonly (keyof RouteConfig['transform'])[] {
  if (kind === 'respond') return ['path', 'query', 'request', 'response']
  return kind === 'redirect' ? ['request', 'response'] : []
}

const isSaid = (part: RouteConfig['transform'][keyof RouteConfig['transform']]) =>
  typeof part === 'string' || (part !== undefined && Object.values(part).some(rules => Object.keys(rules).length > 0))

/** Where each of them stands below `transform`. What was refused is not there. */
function templatesOf(transform: RouteConfig['transform']): [keys: readonly string[], template: string][] {
  const { path, ...parts } = transform
  const values = Object.entries(parts).flatMap(([part, rules]) =>
    (['set', 'add'] as const).flatMap(key =>
      entriesOf(rules[key]).map(([name, value]): [readonly string[], unknown] => [[part, key, name], value])
    )
  )
  return [...values, [['path'], path] as const].flatMap(([keys, value]) => (typeof value === 'string' ? [[keys, value]] : []))
}

function placeholdersOf(template: string) {
  const read = readTemplate(template)
  return 'wrong' in read ? [] : read.parts.filter(part => typeof part !== 'string')
}

/** The names of headers that tell who a client is, on any route. */
function identityHeaders(routes: readonly (FilledRoute | undefined)[]): ReadonlySet<string> {
  const names = routes.flatMap(route => {
    const auth = route === undefined ? false : resolveAuth(route.auth)
    return auth === false ? [] : Object.values<string | undefined>(auth.forward)
  })
  return new Set(names.flatMap(name => (name === undefined ? [] : [sameForMany(name)])))
}

/** To many services x_user_id is x-user-id. */
const sameForMany = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '-')
