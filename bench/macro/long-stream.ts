import { connect, type Socket } from 'node:net'
import type { StreamJob, StreamResult } from './job.ts'
import { MessageReader } from './message-reader.ts'
import { processTree, residentBytes } from './process-tree.ts'

const MIB = 1024 * 1024
const SAMPLE_MS = 25
/** A candidate that stops in the middle is given up after this long without a byte. */
const STALL_MS = 20_000

function upload(socket: Socket, job: StreamJob): void {
  const block = Buffer.alloc(MIB, 'evergate')
  const length = job.mebibytes * MIB
  socket.write(
    `POST /api/upload HTTP/1.1\r\nhost: 127.0.0.1:${job.port}\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`
  )
  let left = job.mebibytes
  const send = (): void => {
    while (left > 0 && !socket.destroyed) {
      left--
      if (!socket.write(block)) {
        socket.once('drain', send)
        return
      }
    }
  }
  send()
}

function download(socket: Socket, job: StreamJob): void {
  socket.write(`GET /api/stream-${job.mebibytes} HTTP/1.1\r\nhost: 127.0.0.1:${job.port}\r\n\r\n`)
}

/** Resolves with whether a complete 2xx answer came. Never rejects. */
function transfer(job: StreamJob): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ port: job.port, host: '127.0.0.1', noDelay: true })
    let good = false
    const finish = (complete: boolean): void => {
      socket.destroy()
      resolve(complete)
    }
    const reader = new MessageReader({
      head: head => {
        good = head.charCodeAt(9) === 0x32
      },
      end: () => finish(good)
    })
    socket.setTimeout(STALL_MS, () => finish(false))
    socket.on('connect', () => (job.direction === 'up' ? upload(socket, job) : download(socket, job)))
    socket.on('data', chunk => reader.push(chunk))
    socket.on('error', () => finish(false))
    socket.on('close', () => finish(false))
  })
}

/** Sends or fetches one long body and reports the candidate's resident memory before it and the most while it ran. */
export async function runLongStream(job: StreamJob): Promise<StreamResult> {
  const candidate = processTree(job.candidatePid)
  const beforeBytes = residentBytes(candidate)
  let mostBytes = beforeBytes
  const sample = (): void => {
    const now = residentBytes(candidate)
    if (now !== undefined && (mostBytes === undefined || now > mostBytes)) mostBytes = now
  }
  const startedAt = performance.now()
  const timer = setInterval(sample, SAMPLE_MS)
  const complete = await transfer(job)
  clearInterval(timer)
  sample()
  return { kind: 'stream', seconds: (performance.now() - startedAt) / 1000, complete, beforeBytes, mostBytes }
}
