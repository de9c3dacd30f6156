import type { Candidate } from './candidate.ts'
import { bareHttpProxy } from './candidates/bare-http-proxy.ts'
import { evergateFull, evergateLimited, evergateMinimal, evergateWithTokens } from './candidates/evergate.ts'
import { fastGateway } from './candidates/fast-gateway.ts'
import { haproxy } from './candidates/haproxy.ts'
import { nginx } from './candidates/nginx.ts'
import { undiciUnderNodeHttp } from './candidates/undici-under-node-http.ts'
import type { WireRequest } from './job.ts'
import { thousandTokens } from './tokens.ts'

/** One line of a table: a candidate with a number of routes, and the requests that are sent to it in turn. */
export type Entrant = {
  readonly label: string
  readonly candidate: Candidate
  readonly routes: number
  readonly requests: readonly WireRequest[]
}

/** A rate scenario compares how much the entrants get done; `against` names the lines that the others are divided by. */
export type RateScenario = {
  readonly kind: 'rate'
  readonly name: string
  readonly connections: number
  readonly entrants: readonly Entrant[]
  readonly against: readonly string[]
}

/** A stream scenario watches an entrant's memory while one long body passes through it. */
export type StreamScenario = {
  readonly kind: 'stream'
  readonly name: string
  readonly direction: 'up' | 'down'
  readonly mebibytes: number
  readonly entrants: readonly Entrant[]
}

export type Scenario = RateScenario | StreamScenario

const everyone = [undiciUnderNodeHttp, bareHttpProxy, fastGateway, nginx, haproxy, evergateMinimal, evergateFull]

/** What the ratios of the main tables are taken against. */
const baselines = [bareHttpProxy.name, undiciUnderNodeHttp.name]

/** So many different paths are asked for where there are 10,000 routes: enough to defeat a cache of the last few. */
const SPREAD = 997

function entrants(request: WireRequest): Entrant[] {
  return everyone.map(candidate => entrant(candidate, request))
}

function entrant(candidate: Candidate, request: WireRequest): Entrant {
  return { label: candidate.name, candidate, routes: 1, requests: [request] }
}

function routed(routes: number): Entrant {
  const paths = Array.from({ length: Math.min(routes, SPREAD) }, (_, index) => `/r${(index * SPREAD) % routes}/small`)
  const requests = paths.map(path => ({ method: 'GET' as const, path, bodyBytes: 0 }))
  const label = `${evergateMinimal.name}, ${routes.toLocaleString('en')} routes`
  return { label, candidate: evergateMinimal, routes, requests }
}

function rate(name: string, connections: number, request: WireRequest): RateScenario {
  return { kind: 'rate', name, connections, entrants: entrants(request), against: baselines }
}

const get = (path: string): WireRequest => ({ method: 'GET', path, bodyBytes: 0 })

/** The same requests, each with the next of a thousand tokens, to a gateway that looks at them or does not. */
function withTokens(candidate: Candidate, label: string): Entrant {
  return {
    label,
    candidate,
    routes: 1,
    get requests() {
      return thousandTokens().tokens.map(token => ({ ...get('/api/small'), headers: { authorization: `Bearer ${token}` } }))
    }
  }
}

const withoutAuth = `${evergateMinimal.name}, no auth`

/** Everything that `npm run bench` measures, in this order. */
export const scenarios: readonly Scenario[] = [
  rate('small JSON GET', 64, get('/api/small')),
  rate('1 KiB POST', 64, { method: 'POST', path: '/api/orders', bodyBytes: 1024 }),
  rate('64 KiB download', 64, get('/api/64k')),
  rate('10 MiB download', 8, get('/api/10m')),
  {
    kind: 'rate',
    name: 'GET with 10 and 10,000 routes',
    connections: 64,
    entrants: [routed(10), routed(10_000)],
    against: [routed(10).label]
  },
  {
    kind: 'rate',
    name: 'small JSON GET with a rate limit',
    connections: 64,
    entrants: [evergateMinimal, evergateLimited].map(candidate => entrant(candidate, get('/api/small'))),
    against: [evergateMinimal.name]
  },
  {
    kind: 'rate',
    name: 'JWT, 1,000 tokens, and a rate limit',
    connections: 64,
    entrants: [
      withTokens(evergateMinimal, withoutAuth),
      withTokens(evergateWithTokens, 'evergate, RS256 tokens and a rate limit')
    ],
    against: [withoutAuth]
  },
  { kind: 'stream', name: 'memory, 1 GiB up', direction: 'up', mebibytes: 1024, entrants: entrants(get('/api/small')) },
  { kind: 'stream', name: 'memory, 1 GiB down', direction: 'down', mebibytes: 1024, entrants: entrants(get('/api/small')) }
]
