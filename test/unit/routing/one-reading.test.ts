import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { outgoingPath } from '../../../src/model/outgoing-path.ts'
import type { Route } from '../../../src/model/route.ts'
import { matchRequest } from '../../../src/routing/router.ts'
import { RouteTable } from '../../../src/routing/table.ts'
import { type Habit, isReadUnder, readBy, someHabits } from '../fixtures/lenient-upstreams.ts'
import { someRoutes, someTarget } from '../fixtures/random-requests.ts'
import { oneOf, seeded } from '../fixtures/seed.ts'
import { shrunk, shrunkList } from '../fixtures/shrink.ts'

const tables = 150
const targetsOfEach = 40
const upstreamsOfEach = 12

/** One generated request, and the servers that may stand behind the gateway. */
interface Case {
  readonly routes: readonly Route[]
  readonly method: string
  readonly target: string
  readonly upstreams: readonly (readonly Habit[])[]
}

/** What is wrong in a case; undefined when nothing is. */
type Flaw = (given: Case) => string | undefined

const headers = { host: 'host.test' }
const matched = ({ routes, method, target }: Case) => matchRequest(new RouteTable(routes), method, target, headers)

/** What is matched is what is forwarded: a gateway behind this one, with the same routes, comes to the same end. */
const isNotIdempotent: Flaw = given => {
  const match = matched(given)
  if (match.kind !== 'route') return undefined
  const again = matched({ ...given, target: match.path + match.search })
  if (again.kind !== 'route') return `forwards ${match.path}, which it would refuse itself: ${again.detail}`
  if (again.route !== match.route) return `forwards ${match.path} by ${match.route.prefix}, which is under ${again.route.prefix}`
  return again.path === match.path ? undefined : `forwards ${match.path}, which is read as ${again.path}`
}

/** No server takes a forwarded path for one of another route, which may ask for credentials where this one does not. */
const isReadAsAnother: Flaw = given => {
  const match = matched(given)
  if (match.kind !== 'route') return undefined
  for (const upstream of given.upstreams) {
    const read = readBy(match.path, upstream)
    const under = longestRead(given, read, upstream)
    if (under !== match.route)
      return `${match.path} goes by ${match.route.prefix} to a server that (${upstream.join(', ')}) reads ${JSON.stringify(read)}, under ${under?.prefix}`
  }
  return undefined
}

function longestRead({ routes, method }: Case, read: string, upstream: readonly Habit[]): Route | undefined {
  return routes
    .filter(({ methods, prefix }) => (methods?.has(method) ?? true) && isReadUnder(read, prefix, upstream))
    .sort((one, other) => other.prefix.length - one.prefix.length)[0]
}

/** With a `rewrite`, the path that goes out is under it, whoever reads it. */
const leavesItsRewrite: Flaw = given => {
  const match = matched(given)
  if (match.kind !== 'route' || match.route.rewrite === undefined) return undefined
  const { rewrite } = match.route
  const path = outgoingPath(match.route, match.path)
  for (const upstream of [[], ...given.upstreams]) {
    const read = readBy(path, upstream)
    if (!isReadUnder(read, rewrite, upstream))
      return `${match.path} goes as ${path} to a server that (${upstream.join(', ')}) reads ${JSON.stringify(read)}, not under ${rewrite}`
  }
  return undefined
}

/** Fails with the shortest example that it can find. */
function never(t: TestContext, flaw: Flaw, { rewriting }: { rewriting: boolean }): void {
  const random = seeded(t, 20_260_101)
  let forwarded = 0
  for (let i = 0; i < tables; i++) {
    const routes = someRoutes(random, rewriting)
    for (let j = 0; j < targetsOfEach; j++) {
      const upstreams = Array.from({ length: upstreamsOfEach }, () => someHabits(random))
      const given = { routes, method: oneOf(random, ['GET', 'POST']), target: someTarget(random), upstreams }
      if (flaw(given) !== undefined) assert.fail(example(given, flaw))
      if (matched(given).kind === 'route') forwarded++
    }
  }
  // A gateway that refused everything would pass.
  const share = forwarded / (tables * targetsOfEach)
  t.diagnostic(`${(100 * share).toFixed(0)} % of ${tables * targetsOfEach} requests were forwarded`)
  assert.ok(share > 0.2, 'enough requests are forwarded to show something')
}

function example(given: Case, flaw: Flaw): string {
  const target = shrunk(given.target, text => flaw({ ...given, target: text }) !== undefined)
  const routes = shrunkList(given.routes, list => flaw({ ...given, target, routes: list }) !== undefined)
  const text = routes.map(({ prefix, rewrite }) => (rewrite === undefined ? prefix : `${prefix} -> ${rewrite}`)).join('  ')
  return `${given.method} ${target}\nroutes ${text}\n${flaw({ ...given, target, routes })}`
}

test('the path that is matched is the path that is forwarded', t => never(t, isNotIdempotent, { rewriting: false }))

test('no server behind a route reads its paths as those of another route', t => never(t, isReadAsAnother, { rewriting: false }))

test('what goes out by a route with a rewrite stays under it, whoever reads it', t =>
  never(t, leavesItsRewrite, { rewriting: true }))
