import { checkGateway } from './check.ts'
import { createFiller, merge } from './fill.ts'
import { lint } from './lint.ts'
import { entriesOf, kindOf, type Node, nodeOf, valueAt } from './node.ts'
import type { Source } from './problem.ts'
import { createReport, inFileOrder } from './report.ts'
import { type FilledTop, resolveGateway, resolvePlugins } from './resolve.ts'
import { resolveCredentials } from './resolve-credentials.ts'
import { type FilledRoute, resolveRoute } from './resolve-route.ts'
import { type FilledUpstream, resolveUpstream } from './resolve-upstream.ts'
import { createFileReader } from './scalars/files.ts'
import { GatewaySchema } from './schema.ts'
import { destinations, RouteOptions } from './schema-route.ts'
import { UpstreamOptions } from './schema-upstream.ts'
import { type Context, readShape } from './shape.ts'
import type { ParseResult } from './types.ts'

const gatewayNode = nodeOf(GatewaySchema)
const upstreamNode = nodeOf(UpstreamOptions)
const routeNode = nodeOf(RouteOptions)

/**
 * Turns what a user wrote into the configuration that the program uses, or into every problem of it at once.
 * Never throws for bad input. Files that it names (secrets, certificates) are read.
 */
export function parseConfig(input: unknown, source: Source = {}): ParseResult {
  const report = createReport(source)
  const directory = source.directory ?? process.cwd()
  const context: Context = { report, env: source.env ?? {}, file: createFileReader(directory) }
  if (kindOf(input) !== 'mapping') {
    report.add([], 'is no configuration; accepted: a mapping with upstreams, routes and more')
    return { ok: false, problems: report.problems }
  }
  const read = readShape(gatewayNode, input, [], context)
  const fill = createFiller((node, written) => readShape(node, written, [], context))

  // What is filled by a schema has the form of that schema; a refused part is absent, which the Filled types allow for.
  const top = fill(gatewayNode, read) as FilledTop
  const defaults = valueAt(read, 'defaults')
  const upstreamDefaults = only(upstreamNode, defaults)
  const routeDefaults = only(routeNode, defaults)
  const upstreams = new Map<string, FilledUpstream>()
  for (const [name, own] of entriesOf(valueAt(read, 'upstreams'))) {
    upstreams.set(name, fill(upstreamNode, merge(upstreamDefaults, own ?? {})) as FilledUpstream)
  }
  const written = valueAt(read, 'routes')
  const routes = (Array.isArray(written) ? written : []).map(own =>
    own === undefined ? undefined : (fill(routeNode, merge(belowRoute(routeDefaults, own), own)) as FilledRoute)
  )
  const plugins = resolvePlugins(top.plugins, directory)

  const credentials = resolveCredentials(top.security, directory)
  checkGateway({ input, top, upstreams, routes, plugins, credentials, fromFile: source.file !== undefined }, report)
  if (report.problems.length > 0) return { ok: false, problems: inFileOrder(report.problems) }

  const resolvedRoutes = routes.flatMap((route, index) =>
    route === undefined ? [] : (resolveRoute(route, report.place(['routes', index]), directory) ?? [])
  )
  const resolvedUpstreams = [...upstreams].map(([name, upstream]) => resolveUpstream(name, upstream))
  const present = plugins.filter(plugin => plugin !== undefined)
  const config = resolveGateway(top, resolvedUpstreams, resolvedRoutes, present, credentials, source.file, directory)
  lint(config, report)
  return { ok: true, config, warnings: inFileOrder(report.warnings) }
}

/** The part of the defaults that belongs to nodes of this kind. `retry` in defaults is that of the groups. */
function only(node: Node, defaults: unknown): unknown {
  const mine = entriesOf(defaults).filter(([key]) => Object.hasOwn(node.properties ?? {}, key))
  return Object.fromEntries(node === routeNode ? mine.filter(([key]) => key !== 'retry') : mine)
}

/** A route that names its destination takes none from the defaults. */
function belowRoute(defaults: unknown, own: unknown): unknown {
  if (!destinations.some(key => valueAt(own, key) !== undefined)) return defaults
  return Object.fromEntries(entriesOf(defaults).filter(([key]) => !destinations.some(other => other === key)))
}
