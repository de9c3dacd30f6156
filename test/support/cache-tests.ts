import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestScope } from '../../src/testing.ts'
import { ask } from './ask.ts'

// The public suite http-tests/cache-tests has no types. What is used of it:
export interface Case {
  readonly id: string
  /** What a cache must do where it is absent. */
  readonly kind?: 'required' | 'optimal' | 'check'
  readonly browser_only?: boolean
}
type Handle = (segments: readonly string[], request: unknown, response: unknown) => void
type Fetch = (url: string, init?: Init) => Promise<unknown>
interface Init {
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}
const load = async <Module>(file: string): Promise<Module> => await import(`http-cache-tests/${file}`)

/** Of the first answer, too, the suite reads what came as a fetch would give it. */
const asked: Fetch = async (url, { method = 'GET', headers = [], body } = {}) => {
  const fields: Record<string, string> = {}
  for (const [name, value] of headers) {
    const before = fields[name.toLowerCase()]
    fields[name.toLowerCase()] = before === undefined ? value : `${before}, ${value}`
  }
  if (body !== undefined) fields['content-length'] = String(Buffer.byteLength(body))
  const answer = await ask(url, { method, headers: fields, ...(body === undefined ? {} : { body }) })
  const pairs = answer.rawHeaders.flatMap((name, at, all): [string, string][] =>
    at % 2 === 0 ? [[name, all[at + 1] ?? '']] : []
  )
  return { status: answer.status, headers: new Headers(pairs), text: async () => answer.text }
}

/** The origin of the suite, which runs on the handlers that it brings along. */
export async function cacheOrigin(t: TestScope): Promise<string> {
  const handlers = new Map<string, Handle>()
  for (const name of ['config', 'test', 'state'])
    handlers.set(name, (await load<{ default: Handle }>(`server/handle-${name}.mjs`)).default)
  const server = createServer((request, response) => {
    const [, kind = '', ...segments] = new URL(request.url ?? '', 'http://origin').pathname.split('/')
    const handle = handlers.get(kind)
    if (handle === undefined) response.writeHead(404).end()
    else handle(segments, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a host and port has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export type Results = Record<string, true | readonly string[] | undefined>

/** So many cases run at the same time, as the suite's own client does. */
const atOnce = 100

/** Runs cases: each asks, waits for a few seconds where it wants something to become stale, and asks again. */
export async function runCacheTests(cases: readonly Case[], url: string): Promise<Results> {
  const config = await load<{ setFetch: (own: Fetch) => void; setBaseUrl: (url: string) => void }>('client/config.mjs')
  const { makeCacheTest, testResults } = await load<{
    makeCacheTest: (one: Case) => Promise<void>
    /** Of all that ran in this process, by id; a case that is there cannot run again. */
    testResults: Results
  }>('client/test.mjs')
  config.setFetch(asked)
  config.setBaseUrl(url)
  for (const { id } of cases) delete testResults[id]
  // What a case holds is changed while it runs.
  for (let i = 0; i < cases.length; i += atOnce)
    await Promise.all(cases.slice(i, i + atOnce).map(each => makeCacheTest(structuredClone(each))))
  return testResults
}

/** All cases that are for caches between clients and origins. */
export async function cacheCases(): Promise<readonly Case[]> {
  const { default: suites } = await load<{ default: readonly { readonly tests: readonly Case[] }[] }>('tests/index.mjs')
  return suites.flatMap(({ tests }) => tests).filter(each => each.browser_only !== true)
}

const kindOf = ({ kind = 'required' }: Case) => kind

/** Those of one kind. */
export const casesOf = (cases: readonly Case[], kind: Case['kind']) => cases.filter(each => kindOf(each) === kind)
