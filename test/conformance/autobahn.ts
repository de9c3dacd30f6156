import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { WebSocket } from 'ws'
import { build, type TestScope } from '../../src/testing.ts'
import { byHand } from '../support/by-hand.ts'
import { freePort } from '../support/free-port.ts'
import { isPeer, listens, startPeer } from '../support/peers.ts'
import { until } from '../support/until.ts'
import { echoSockets } from '../support/web-socket.ts'

/**
 * Runs the Autobahn suite through the gateway, or through another proxy, by hand: `node test/conformance/autobahn.ts --wstest FILE
 * --through nginx`, where FILE is the program of autobahntestsuite 0.8.2, which needs Python 2.7. Its client speaks with a server behind
 * the proxy, and its server with a client before it; nothing of either may come through changed. The suite's server listens on every
 * address: `unshare -rn sh -c 'ip link set lo up; node ...'` keeps it to itself.
 */
const { values } = parseArgs({
  options: {
    wstest: { type: 'string', default: 'wstest' },
    cases: { type: 'string', default: '*' },
    through: { type: 'string', default: 'gateway' }
  }
})

interface Judged {
  readonly behavior: string
  readonly behaviorClose: string
}

/** Case by case, for the one agent that took part. */
async function judgements(directory: string): Promise<Map<string, Judged>> {
  const index: Record<string, Record<string, Judged>> = JSON.parse(await readFile(path.join(directory, 'index.json'), 'utf8'))
  return new Map(Object.values(index).flatMap(cases => Object.entries(cases)))
}

async function wstest(mode: string, directory: string, spec: object) {
  const file = path.join(directory, `${mode}.json`)
  await writeFile(file, JSON.stringify({ outdir: directory, cases: values.cases.split(','), 'exclude-cases': [], ...spec }))
  return spawn(values.wstest, ['-m', mode, '-s', file], { cwd: directory, stdio: 'ignore' })
}

/** The suite's client, the proxy, a server. */
async function asServer(t: TestScope, directory: string): Promise<Map<string, Judged>> {
  const echo = await echoSockets(t, { perMessageDeflate: true, maxPayload: 0 })
  // What the suite sends is malformed in every way.
  echo.server.on('connection', socket => socket.on('error', () => {}))
  const url = await proxyTo(t, echo.url)
  const client = await wstest('fuzzingclient', directory, { servers: [{ agent: 'proxy', url }] })
  await once(client, 'exit')
  return judgements(directory)
}

/** A client, the proxy, the suite's server. */
async function asClient(t: TestScope, directory: string): Promise<Map<string, Judged>> {
  const port = await freePort()
  const server = await wstest('fuzzingserver', directory, { url: `ws://127.0.0.1:${port}`, webport: 0 })
  t.after(async () => void server.kill())
  await until(() => listens(port))
  const url = await proxyTo(t, `http://127.0.0.1:${port}`)
  const count = Number(await firstMessage(`${url}/getCaseCount`))
  for (let number = 1; number <= count; number++) await echoed(`${url}/runCase?case=${number}&agent=proxy`)
  await echoed(`${url}/updateReports?agent=proxy`)
  return judgements(directory)
}

/** The proxy that `--through` names, before one target: its URL. */
async function proxyTo(t: TestScope, target: string): Promise<string> {
  const { through } = values
  const url = isPeer(through) ? await startPeer(t, through, { speaks: 'websocket', targets: [target] }) : await own(t, target)
  return url.replace(/^http/, 'ws')
}

async function own(t: TestScope, target: string): Promise<string> {
  if (values.through === 'http-proxy') return bareHttpProxy(t, target)
  if (values.through === 'nothing') return target
  if (values.through !== 'gateway')
    throw new Error(`--through takes gateway, nginx, haproxy, http-proxy or nothing, not ${values.through}`)
  const { url } = await build(t, {
    upstreams: { service: { targets: [target] } },
    routes: [{ prefix: '/', upstream: 'service' }]
  })
  return url
}

/** @fastify/http-proxy as it comes, with nothing around it. */
async function bareHttpProxy(t: TestScope, target: string): Promise<string> {
  const app = Fastify({ logger: false })
  t.after(() => app.close())
  app.register(httpProxy, { upstream: target, websocket: true })
  return app.listen({ port: 0, host: '127.0.0.1' })
}

async function firstMessage(url: string): Promise<string> {
  const socket = new WebSocket(url)
  const [message] = await once(socket, 'message')
  return String(message)
}

/** Says everything again until the other side closes. */
async function echoed(url: string): Promise<void> {
  const socket = new WebSocket(url, { perMessageDeflate: true, maxPayload: 0 })
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  // Malformed frames are what it is for; `once` would take them for its own failure.
  socket.on('error', () => {})
  await new Promise(resolve => socket.on('close', resolve))
}

/** What the suite calls good: strict, or where the RFC leaves a choice. */
const good = new Set(['OK', 'NON-STRICT', 'INFORMATIONAL', 'UNIMPLEMENTED'])

async function main(): Promise<void> {
  for (const [name, run] of Object.entries({ 'a server behind it': asServer, 'a client before it': asClient })) {
    const directory = await mkdtemp(path.join(tmpdir(), 'autobahn-'))
    let cases = new Map<string, Judged>()
    await byHand(async t => {
      cases = await run(t, directory)
    })
    await rm(directory, { recursive: true })
    const bad = [...cases].filter(([, { behavior, behaviorClose }]) => !good.has(behavior) || !good.has(behaviorClose))
    const counts = Object.entries(Object.groupBy(cases.values(), ({ behavior }) => behavior)).map(
      ([kind, of]) => `${of?.length} ${kind}`
    )
    console.log(`${values.through}, ${name}: ${cases.size} cases, ${counts.join(', ')}`)
    for (const [id, { behavior, behaviorClose }] of bad) console.log(`  ${id}: ${behavior}, close ${behaviorClose}`)
    if (bad.length > 0) process.exitCode = 1
  }
}

await main()
