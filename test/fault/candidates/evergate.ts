import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Candidate, Place } from '../candidate.ts'

const launcher = fileURLToPath(new URL('../../../bin/evergate.js', import.meta.url))

/** A configuration that this version takes, and the keys that were left out because it refuses them. */
export interface Settled {
  readonly config: unknown
  /** Such as `upstreams.service.hedge`. */
  readonly leftOut: readonly string[]
}

type Tree = Record<string, unknown>

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The one configuration of all rows; where it is `limited`, the group also limits itself and knows priorities. */
function wanted({ port, adminPort, upstreamPorts, limited }: Place): Tree {
  return {
    listen: `127.0.0.1:${port}`,
    admin: `127.0.0.1:${adminPort}`,
    upstreams: {
      service: {
        targets: upstreamPorts.map(each => `http://127.0.0.1:${each}`),
        health: { path: '/health', interval: '1s', timeout: '1s', fall: 2, rise: 2 },
        timeouts: { response: '3s' },
        hedge: { after: 'p97', budget: 0.05 },
        ...(limited ? { limits: { concurrency: 'adaptive' } } : {})
      }
    },
    routes: [{ prefix: '/', upstream: 'service', ...(limited ? { priority: { header: 'x-priority' } } : {}) }]
  }
}

/** A copy without the key at a path, such as `routes`, `0`, `priority`. */
function without(value: unknown, [first = '', ...rest]: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === first ? without(item, rest) : item))
  if (!isTree(value)) return value
  const { [first]: child, ...others } = value
  return rest.length > 0 ? { ...others, [first]: without(child, rest) } : others
}

/** The paths that `evergate check` says are not available yet. Throws with its words for every other problem. */
function refusedIn(file: string): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [launcher, 'check', '--json', '-c', file], { encoding: 'utf8' })
  // What `evergate check --json` prints.
  const { ok, problems } = JSON.parse(stdout || '{}') as { ok?: boolean; problems?: { path: string; message: string }[] }
  if (ok === true) return []
  const refused = problems?.filter(({ message }) => message.includes('not available yet')).map(({ path }) => path) ?? []
  if (refused.length > 0) return refused
  throw new Error(`evergate check: ${stderr}${stdout}`)
}

/** Writes the configuration, without the keys that this version refuses. */
export function settle(place: Place): Settled {
  const file = fileIn(place)
  let config: unknown = wanted(place)
  const leftOut: string[] = []
  // Without a mapping its parts are not refused one by one: few rounds are enough.
  for (let round = 0; round < 5; round++) {
    writeFileSync(file, JSON.stringify(config, null, 2))
    const refused = refusedIn(file)
    if (refused.length === 0) return { config, leftOut }
    leftOut.push(...refused)
    for (const path of refused) config = without(config, path.match(/[^.[\]]+/g) ?? [])
  }
  throw new Error(`evergate check goes on refusing ${leftOut.at(-1)}`)
}

function fileIn({ directory }: Place): string {
  return join(directory, 'gateway.json')
}

/** Evergate as it is started by its users. */
export const evergate: Candidate = {
  name: 'evergate',
  missing: () => undefined,
  command: place => {
    settle(place)
    return { file: process.execPath, args: [launcher, 'start', '-c', fileIn(place)] }
  },
  endsOn: 'SIGKILL',
  judged: true
}
