import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { columns } from '../src/load/columns.ts'

/**
 * What 200 slow connections do to everybody else: requests at a steady rate through a gateway, alone and beside each of the attacks of
 * slowhttptest (https://github.com/shekyan/slowhttptest, Debian's package of that name).
 *
 *     node scripts/slow-clients.ts [ATTACK ...]            all three attacks, or those named: headers, bodies, reading. About 50 s
 *     node scripts/slow-clients.ts --hold 60 [ATTACK ...]  holds the connections for so many seconds, in two rounds
 */
const { values: options, positionals: wanted } = parseArgs({ options: { hold: { type: 'string' } }, allowPositionals: true })
const holdSeconds = options.hold === undefined ? undefined : Number(options.hold)
const launcher = fileURLToPath(new URL('../bin/evergate.js', import.meta.url))
/** How slowhttptest is started, such as at another priority; the attacker is on another machine than the gateway usually. */
const [program = '', ...before] = (process.env['SLOWHTTPTEST'] ?? 'slowhttptest').split(' ')
const connections = 200
const rate = 200
/** How many connections are opened in a second, and how long that is waited for. */
const ramp = { rate: 50, ms: 5000 }
/**
 * How long requests are sent alone, and beside an attack. Of so many short runs the one in the middle counts: a machine that does
 * other things as well stalls now and then. A long one counts as it is.
 */
const plan =
  holdSeconds === undefined
    ? { rounds: 1, runs: 3, aloneSeconds: 2, besideSeconds: 2 }
    : { rounds: 2, runs: 1, aloneSeconds: Math.min(20, holdSeconds), besideSeconds: holdSeconds }
/** Seconds between two pieces of a slow client. */
const interval = holdSeconds === undefined ? '1' : '10'

/** Options of slowhttptest, and what they do. */
const attacks = [
  { name: 'slow headers', args: ['-H', '-i', interval, '-x', '8'] },
  { name: 'slow bodies', args: ['-B', '-i', interval, '-s', '8192', '-x', '8', '-t', 'POST'] },
  { name: 'slow reading', args: ['-X', '-n', '1', '-w', '1', '-y', '64', '-z', '8', '-k', '3'] }
].filter(({ name }) => wanted.length === 0 || wanted.some(each => name === `slow ${each}`))

interface Report {
  readonly sent: number
  readonly statuses: Readonly<Record<string, number>>
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

const large = 'x'.repeat(200_000)
const service = createServer((request, response) => {
  request.resume()
  response.end(request.url === '/large' ? large : 'ok')
}).listen(0, '127.0.0.1')
await once(service, 'listening')
// A server that listens on a port has an AddressInfo.
const { port } = service.address() as AddressInfo
const folder = mkdtempSync(path.join(tmpdir(), 'evergate-slow-'))
const config = path.join(folder, 'gateway.json')
writeFileSync(
  config,
  JSON.stringify({
    listen: '127.0.0.1:0',
    admin: false,
    drain: { notReady: 0, finish: 0 },
    logging: { access: false },
    // So long that none of the slow ones is sent away: with the defaults they are.
    timeouts: { headers: '10m', request: '10m' },
    upstreams: { api: { targets: [`http://127.0.0.1:${port}`] } },
    routes: [{ prefix: '/', upstream: 'api' }]
  })
)
const gateway = spawn(process.execPath, [launcher, 'start', '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
const attacking: ChildProcess[] = []
try {
  const url = await listening(gateway)
  await bench(url, 2)
  const rows = [['beside', 'connected', 'sent', 'answered 2xx', 'p50 ms', 'p99 ms', 'p99 against alone']]
  for (const { name, args } of Array.from({ length: plan.rounds }, () => attacks).flat()) {
    // Right before, since a machine has its moods.
    const alone = await load(url, plan.aloneSeconds)
    rows.push(rowOf('nothing', 0, alone, alone))
    const target = name === 'slow reading' ? `${url}/large` : url
    // It is ended here, once the load is over.
    const lasting = ['-l', `${2 * plan.runs * plan.besideSeconds + 60}`]
    const attack = spawn(program, [...before, '-c', `${connections}`, '-r', `${ramp.rate}`, ...lasting, '-u', target, ...args])
    attacking.push(attack)
    const connected = statusOf(attack)
    await pause(ramp.ms)
    const report = await load(url, plan.besideSeconds)
    attack.kill('SIGINT')
    await once(attack, 'close')
    rows.push(rowOf(name, connected(), report, alone))
  }
  console.log(columns(rows, ['left']))
} finally {
  for (const each of attacking) each.kill('SIGKILL')
  gateway.kill('SIGKILL')
  service.close()
  service.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
}

function rowOf(name: string, connected: number, { sent, statuses, latencyMs }: Report, alone: Report): string[] {
  const good = statuses['2xx'] ?? 0
  const share = `${((good * 100) / sent).toFixed(2)} %`
  const [p50, p99] = [latencyMs.p50.toFixed(2), latencyMs.p99.toFixed(2)]
  return [name, `${connected}`, `${sent}`, share, p50, p99, (latencyMs.p99 / alone.latencyMs.p99).toFixed(2)]
}

/** How many connections it had at least, once they were all opened; it says so every five seconds. */
function statusOf({ stdout }: ChildProcess): () => number {
  let said = ''
  stdout?.on('data', chunk => {
    said += chunk
  })
  return () => {
    const plain = said.replace(/\x1b\[[\d;]*m/g, '')
    const counts = [...plain.matchAll(/status on (\d+)\w+ second:[\s\S]*?^connected:\s+(\d+)/gm)]
    const opened = counts.filter(([, second]) => Number(second) * 1000 >= ramp.ms)
    return Math.min(...opened.map(([, , count]) => Number(count)))
  }
}

/** Latencies of the run in the middle, by their p99; what was sent and answered of all. */
async function load(url: string, seconds: number): Promise<Report> {
  const reports: Report[] = []
  for (let run = 1; run <= plan.runs; run++) reports.push(await bench(url, seconds))
  const sum = (count: (report: Report) => number) => reports.reduce((total, report) => total + count(report), 0)
  const middle = reports.toSorted((a, b) => a.latencyMs.p99 - b.latencyMs.p99)[Math.floor(plan.runs / 2)]
  if (middle === undefined) throw new Error('there were no runs')
  return { ...middle, sent: sum(({ sent }) => sent), statuses: { '2xx': sum(({ statuses }) => statuses['2xx'] ?? 0) } }
}

/** Sends requests at the rate. */
async function bench(url: string, seconds: number): Promise<Report> {
  const args = [launcher, 'bench', url, '--rate', `${rate}`, '--duration', `${seconds}s`, '--json']
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const text = Buffer.concat(await child.stdout.toArray()).toString()
  // The form is what the command promises.
  return JSON.parse(text) as Report
}

async function listening({ stderr }: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    said += chunk
    const [, url] = /listens on ([^\s;]+)/.exec(said) ?? []
    if (url === undefined) continue
    stderr?.resume()
    return url
  }
  throw new Error(`the gateway did not start: ${said}`)
}
