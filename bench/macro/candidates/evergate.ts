import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Candidate, type Place, prefixes } from '../candidate.ts'
import { thousandTokens } from '../tokens.ts'

const launcher = fileURLToPath(new URL('../../../bin/evergate.js', import.meta.url))

/** Nothing in the benchmark is to be refused for its size or for how long it takes to send. */
const unboundedBody = { max: '4096mb', timeout: '10m' }

function listeners(place: Place): object {
  return { listen: `127.0.0.1:${place.port}`, admin: `127.0.0.1:${place.adminPort}` }
}

function minimal(place: Place): object {
  return {
    ...listeners(place),
    logging: { access: false },
    upstreams: { one: { targets: [`http://127.0.0.1:${place.upstreamPorts[0]}`] } },
    routes: prefixes(place).map(prefix => ({ prefix, upstream: 'one', body: unboundedBody }))
  }
}

/** Never reached. */
const rateLimit = { limit: 1_000_000_000, window: '1m', by: 'ip', algorithm: 'sliding' }

/** The same with a limit. */
function limited(place: Place): object {
  return { ...minimal(place), defaults: { rateLimit } }
}

/** The same with a limit, and who asks is known by a token. */
function withTokens(place: Place): object {
  const auth = { jwt: true, scopes: ['orders:read'], forward: { sub: 'x-user-id' } }
  return {
    ...listeners(place),
    logging: { access: false },
    defaults: { rateLimit },
    security: { jwt: { issuer: 'https://id.test', audience: 'bench', publicKey: thousandTokens().publicKey } },
    upstreams: { one: { targets: [`http://127.0.0.1:${place.upstreamPorts[0]}`] } },
    routes: prefixes(place).map(prefix => ({ prefix, upstream: 'one', body: unboundedBody, auth }))
  }
}

/** What an operator would have on, over two targets. The access log goes to standard output, which is /dev/null. */
function full(place: Place): object {
  const transform = {
    request: { set: { 'x-tenant': 'bench' }, remove: ['x-debug'] },
    response: { set: { 'x-served-by': 'bench' }, remove: ['server'] }
  }
  return {
    ...listeners(place),
    trustProxy: ['127.0.0.0/8'],
    logging: { level: 'info', access: true },
    upstreams: {
      both: {
        targets: place.upstreamPorts.map(port => `http://127.0.0.1:${port}`),
        balance: 'two-choices',
        retry: { attempts: 3, on: ['connect', 'reset', 'timeout', 502, 503, 504] },
        health: { type: 'tcp', interval: '1s', timeout: '1s' },
        hedge: { after: 'p97', budget: 0.05 },
        limits: { concurrency: 4096 }
      }
    },
    routes: prefixes({ ...place, routes: Math.max(10, place.routes) }).map(prefix => ({
      prefix,
      upstream: 'both',
      body: unboundedBody,
      transform
    }))
  }
}

function candidate(name: string, configuration: (place: Place) => object): Candidate {
  return {
    name,
    missing: () => (existsSync(launcher) ? undefined : 'bin/evergate.js does not exist'),
    command: place => {
      const file = join(place.directory, 'gateway.json')
      writeFileSync(file, JSON.stringify(configuration(place)))
      return { file: process.execPath, args: [launcher, 'start', '-c', file] }
    }
  }
}

/** One upstream with one target, no access log: what forwarding alone costs. */
export const evergateMinimal: Candidate = candidate('evergate minimal', minimal)

/** The same with a sliding rate limit by address, counted in the process. */
export const evergateLimited: Candidate = candidate('evergate with a rate limit', limited)
/** As minimal, with a sliding rate limit, a JSON Web Token asked for, a scope checked and the subject told to the upstream. */
export const evergateWithTokens: Candidate = candidate('evergate with jwt and a rate limit', withTokens)

/** Access log, header rules, a trusted proxy, retries, two targets and ten more routes. */
export const evergateFull: Candidate = candidate('evergate full', full)
