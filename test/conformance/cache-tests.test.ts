import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestScope } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { gatewayTo } from '../support/gateway.ts'

// The public suite http-tests/cache-tests has no types. What is used of it:
interface Case {
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

/** Required cases that do not pass, and why; also in docs/conformance.md. */
const expected: Readonly<Record<string, string>> = {
  'stale-close-must-revalidate': 'wants the mark of the origin on an answer that never came: a 502 has none',
  'stale-close-proxy-revalidate': 'the same',
  'stale-close-no-cache': 'the same',
  'stale-close-s-maxage=2': 'the same',
  'age-parse-prefix': 'wants `Age: 0, 7200` used, and `0, 0` not: any list is too old here',
  'headers-store-Set-Cookie': 'an answer with Set-Cookie is not stored unless it says public or s-maxage',
  '304-etag-update-response-Set-Cookie': 'the same',
  'headers-store-Transfer-Encoding': 'the origin names a transfer coding that does not exist: 502'
}

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
async function origin(t: TestScope): Promise<string> {
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

type Results = Record<string, true | readonly string[] | undefined>

/** So many cases run at the same time, as the suite's own client does. */
const atOnce = 100

/** Runs cases: each asks, waits for a few seconds where it wants something to become stale, and asks again. */
async function run(cases: readonly Case[], url: string): Promise<Results> {
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

test('cache-tests: every required case holds but those that are known', async t => {
  const { default: suites } = await load<{ default: readonly { readonly tests: readonly Case[] }[] }>('tests/index.mjs')
  const { url } = await gatewayTo(t, [await origin(t)], { group: { retry: { attempts: 1 } }, route: { cache: true } })
  t.mock.method(console, 'log', () => {})
  const cases = suites.flatMap(({ tests }) => tests).filter(each => each.browser_only !== true)
  const kindOf = ({ kind = 'required' }: Case) => kind
  const failedOf = (results: Results, kind: Case['kind']) =>
    cases.filter(each => kindOf(each) === kind && results[each.id] !== true)
  const unexpected = (results: Results) => failedOf(results, 'required').filter(({ id }) => expected[id] === undefined)
  let results = await run(cases, url)
  // Answers are fresh for two seconds in some cases, and a busy machine may be too late for that.
  for (let again = 0; again < 3 && unexpected(results).length > 0; again++) results = await run(unexpected(results), url)
  for (const kind of ['required', 'optimal'] as const) {
    const all = cases.filter(each => kindOf(each) === kind).length
    t.diagnostic(`${kind}: ${all - failedOf(results, kind).length} of ${all}`)
  }
  assert.deepEqual(
    unexpected(results).map(({ id }) => [id, results[id]]),
    []
  )
  assert.deepEqual(
    Object.keys(expected).filter(id => results[id] === true),
    []
  )
  assert.equal(cases.filter(each => kindOf(each) === 'required').length, 157)
})
