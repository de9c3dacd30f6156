import { connect, type Socket } from 'node:net'
import { Histogram } from '../../src/load/histogram.ts'
import type { RateJob, RateResult, WireRequest } from './job.ts'
import { MessageReader } from './message-reader.ts'
import { cpuSeconds, processTree } from './process-tree.ts'

/** Keeps a candidate that refuses connections from being asked a hundred thousand times a second. */
const RECONNECT_MS = 20

function encode(request: WireRequest, port: number): Buffer {
  const lines = [`${request.method} ${request.path} HTTP/1.1`, `host: 127.0.0.1:${port}`, 'user-agent: bench', 'accept: */*']
  for (const [name, value] of Object.entries(request.headers ?? {})) lines.push(`${name}: ${value}`)
  if (request.bodyBytes > 0) lines.push('content-type: application/json', `content-length: ${request.bodyBytes}`)
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  if (request.bodyBytes === 0) return head
  const text = JSON.stringify({ text: '' })
  return Buffer.concat([head, Buffer.from(JSON.stringify({ text: 'x'.repeat(request.bodyBytes - text.length) }))])
}

/** The counters of one run; connections write into it until `running` is false. */
type Run = {
  running: boolean
  next: number
  answers: number
  failures: number
  receivedBytes: number
  readonly latency: Histogram
  readonly wire: readonly Buffer[]
  readonly port: number
  readonly open: Set<Socket>
}

function openConnection(run: Run): void {
  const socket = connect({ port: run.port, host: '127.0.0.1', noDelay: true })
  let sentAt = 0
  let busy = false
  const send = (): void => {
    // The index is within the list, which encode() filled from at least one request.
    const bytes = run.wire[run.next++ % run.wire.length] as Buffer
    busy = true
    sentAt = performance.now()
    socket.write(bytes)
  }
  const reader = new MessageReader({
    head: head => {
      if (run.running && head.charCodeAt(9) !== 0x32) run.failures++
    },
    end: () => {
      busy = false
      if (!run.running) return
      run.answers++
      run.latency.record(performance.now() - sentAt)
      send()
    }
  })
  run.open.add(socket)
  socket.on('connect', send)
  socket.on('data', chunk => {
    if (run.running) run.receivedBytes += chunk.length
    reader.push(chunk)
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    run.open.delete(socket)
    if (!run.running) return
    if (busy || sentAt === 0) run.failures++
    setTimeout(() => run.running && openConnection(run), RECONNECT_MS)
  })
}

/**
 * Runs a closed loop for its duration. Answers and CPU time are counted over the same window; what is under way at its end
 * is neither counted nor waited for.
 */
export async function runClosedLoop(job: RateJob): Promise<RateResult> {
  const wire = job.requests.map(request => encode(request, job.port))
  const run: Run = {
    running: true,
    next: 0,
    answers: 0,
    failures: 0,
    receivedBytes: 0,
    latency: new Histogram(),
    wire,
    port: job.port,
    open: new Set()
  }
  const candidate = processTree(job.candidatePid)
  const load = [process.pid, job.upstreamPid]
  const before = { candidate: cpuSeconds(candidate), load: cpuSeconds(load), at: performance.now() }
  for (let count = 0; count < job.connections; count++) openConnection(run)
  await new Promise(resolve => setTimeout(resolve, job.durationMs))
  run.running = false
  const seconds = (performance.now() - before.at) / 1000
  const after = { candidate: cpuSeconds(candidate), load: cpuSeconds(load) }
  for (const socket of run.open) socket.destroy()
  return {
    kind: 'rate',
    seconds,
    answers: run.answers,
    failures: run.failures,
    receivedBytes: run.receivedBytes,
    p50Ms: run.latency.percentileMs(0.5),
    p99Ms: run.latency.percentileMs(0.99),
    candidateCpuSeconds: difference(before.candidate, after.candidate),
    loadCpuSeconds: difference(before.load, after.load)
  }
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before
}
