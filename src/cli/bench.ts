import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { readDuration } from '../../config/scalars/units.ts'
import { runClosedLoop } from '../load/closed-loop.ts'
import type { Timing } from '../load/flights.ts'
import { runOpenLoop } from '../load/open-loop.ts'
import { loadReport } from '../load/report.ts'
import { constantRate, poissonRate } from '../load/schedule.ts'
import { type LoadResult, Tally } from '../load/tally.ts'
import { type LoadRequest, undiciSend } from '../load/undici-send.ts'
import { monotonicClock } from '../time/clock.ts'
import { processRandom } from '../time/random.ts'
import type { Io } from './io.ts'

const usage = `evergate bench URL [options]

Sends requests at a steady rate whether or not earlier ones were answered, as users do, and counts the latency of each
from the moment it should have been sent. Ctrl-C ends it with the report so far.

  --rate N           requests a second (default 100)
  --poisson          at random distances with that mean, instead of even ones
  --duration TIME    how long (default 5s, at most 1h)
  --connections N    at most so many connections (default 256); requests beyond wait, and their wait counts
  --closed N         instead: N connections, each sending its next request when the last was answered
  --method NAME      default GET, or POST with --body
  -H 'NAME: VALUE'   a header; may be repeated
  --body TEXT        what is sent; @FILE reads it from a file
  --timeout TIME     when a request is given up (default 10s)
  --json             the report as JSON
  --help             this text

Exit code: 0 when every answer was 2xx or 3xx, 1 when not, 2 for a wrong command line.
`

class UsageError extends Error {}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

type Options = {
  readonly url: URL
  readonly request: LoadRequest
  readonly rate: number
  readonly poisson: boolean
  readonly closed: number | undefined
  readonly connections: number
  readonly durationMs: number
  readonly timeoutMs: number
  readonly json: boolean
}

function numberOf(name: string, text: string, most: number, whole: boolean): number {
  const value = Number(text)
  if (value > 0 && value <= most && (!whole || Number.isInteger(value))) return value
  throw new UsageError(`--${name} is a ${whole ? 'whole ' : ''}number above 0 and at most ${most}, not "${text}"`)
}

function durationOf(name: string, text: string): number {
  const ms = readDuration(text)
  if (ms !== undefined && ms > 0 && ms <= 3_600_000) return ms
  throw new UsageError(`--${name} is a time such as 500ms, 5s or 1m, at most 1h, not "${text}"`)
}

function urlOf(text: string | undefined): URL {
  if (text === undefined) throw new UsageError('a URL is missing')
  const url = URL.parse(text)
  if (url === null) throw new UsageError(`"${text}" is no URL; accepted: one such as http://127.0.0.1:8080/shop/`)
  if (url.protocol !== 'http:') throw new UsageError(`"${text}" begins with ${url.protocol}; accepted: http:`)
  return url
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new UsageError(`-H takes 'name: value', not "${line}"`)
    headers[name.toLowerCase()] = value
  }
  return headers
}

function bodyOf(text: string | undefined, cwd: string): Buffer | null {
  if (text === undefined) return null
  if (!text.startsWith('@')) return Buffer.from(text)
  try {
    return readFileSync(resolve(cwd, text.slice(1)))
  } catch {
    throw new UsageError(`--body: ${text.slice(1)} cannot be read`)
  }
}

function parse(args: readonly string[], cwd: string): Options | 'help' {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rate: { type: 'string', default: '100' },
      poisson: { type: 'boolean', default: false },
      duration: { type: 'string', default: '5s' },
      connections: { type: 'string', default: '256' },
      closed: { type: 'string' },
      method: { type: 'string' },
      header: { type: 'string', short: 'H', multiple: true, default: [] },
      body: { type: 'string' },
      timeout: { type: 'string', default: '10s' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false }
    }
  })
  if (values.help) return 'help'
  if (positionals.length > 1) throw new UsageError(`one URL at a time; "${positionals[1]}" is left over`)
  const url = urlOf(positionals[0])
  const body = bodyOf(values.body, cwd)
  const method = (values.method ?? (body ? 'POST' : 'GET')).toUpperCase()
  if (!/^[A-Z]+$/.test(method) || method === 'CONNECT')
    throw new UsageError(`--method is one such as GET or POST, not "${method}"`)
  return {
    url,
    request: { method, path: url.pathname + url.search, headers: headersOf(values.header), body },
    rate: numberOf('rate', values.rate, 1_000_000, false),
    poisson: values.poisson,
    closed: values.closed === undefined ? undefined : numberOf('closed', values.closed, 10_000, true),
    connections: numberOf('connections', values.connections, 10_000, true),
    durationMs: durationOf('duration', values.duration),
    timeoutMs: durationOf('timeout', values.timeout),
    json: values.json
  }
}

/** Below this a timer would come late by a noticeable part of the latency that is measured: the event loop turns instead. */
const SPIN_MS = 2

const timing: Timing = {
  now: monotonicClock,
  later: (ms, run) => {
    if (ms < SPIN_MS) {
      const turn = setImmediate(run)
      return () => clearImmediate(turn)
    }
    const timer = setTimeout(run, ms - SPIN_MS)
    return () => clearTimeout(timer)
  }
}

async function load(options: Options, interrupted: AbortSignal): Promise<LoadResult> {
  const { closed, durationMs, timeoutMs, rate } = options
  const connections = closed ?? options.connections
  const pool = new Pool(options.url.origin, { connections, connect: { timeout: timeoutMs } })
  try {
    const tally = new Tally()
    const shared = { send: undiciSend(pool, options.request), durationMs, timeoutMs, timing, tally, interrupted }
    const schedule = options.poisson ? poissonRate(rate, processRandom) : constantRate(rate)
    const elapsedMs =
      closed === undefined ? await runOpenLoop({ ...shared, schedule }) : await runClosedLoop({ ...shared, connections: closed })
    return tally.result(elapsedMs)
  } finally {
    await pool.destroy()
  }
}

function loadTitle({ closed, durationMs, rate, poisson, connections }: Options): string {
  const seconds = `for ${durationMs / 1000} s`
  if (closed !== undefined) return `closed loop of ${closed} connections ${seconds}; latency from sending`
  const distances = poisson ? 'at random distances' : 'at even distances'
  return `${rate} requests a second ${distances} ${seconds}, at most ${connections} connections; latency from the intended start`
}

/**
 * `evergate bench`: puts load on one URL and reports. Answers 0 when every answer was 2xx or 3xx, 1 when not, 2 when the
 * command line is wrong.
 */
export async function bench(args: string[], io: Io): Promise<number> {
  const interrupt = new AbortController()
  const stop = (): void => interrupt.abort()
  try {
    const options = parse(args, io.cwd)
    if (options === 'help') {
      io.stdout(usage)
      return 0
    }
    process.once('SIGINT', stop)
    const result = await load(options, interrupt.signal)
    const title = { request: `${options.request.method} ${options.url.href}`, load: loadTitle(options) }
    io.stdout(options.json ? `${JSON.stringify({ ...title, ...result }, null, 2)}\n` : loadReport(title, result))
    return result.good ? 0 : 1
  } catch (error) {
    if (!isUsageError(error)) throw error
    io.stderr(`${error.message}\nevergate bench --help says what is accepted\n`)
    return 2
  } finally {
    process.off('SIGINT', stop)
  }
}
