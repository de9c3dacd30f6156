import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { Command } from './candidate.ts'
import { pinned } from './cores.ts'

const START_MS = 60_000
const STOP_MS = 3_000
const POLL_MS = 50

/** A process that the benchmark started. */
export type Child = { readonly pid: number; readonly process: ChildProcess; stop(): Promise<void> }

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a host and port has an AddressInfo; the string and null are those of pipes and closed servers.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function owned(child: ChildProcess, name: string): Child {
  // A program that cannot be executed has no process id; the error event says the same later.
  child.on('error', () => {})
  if (child.pid === undefined) throw new Error(`${name} could not be started`)
  return {
    pid: child.pid,
    process: child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(timer)
    }
  }
}

async function answers(url: string, headers: Readonly<Record<string, string>>): Promise<boolean> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(1000) })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

/** Starts a candidate on its core. What it writes to standard output goes to /dev/null. */
export function startCandidate(command: Command, core: number | undefined): Child {
  const { file, args } = pinned(core, command.file, command.args)
  return owned(spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, NODE_ENV: 'production' } }), file)
}

function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 5).join('\n  ')
}

/**
 * Resolves once `url` is answered with 2xx. Rejects with what the candidate wrote to standard error when it ends first or
 * takes more than a minute.
 */
export async function untilItAnswers(child: Child, url: string, headers: Readonly<Record<string, string>> = {}): Promise<void> {
  let errors = ''
  child.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(0, 2000)
  })
  const deadline = performance.now() + START_MS
  while (!(await answers(url, headers))) {
    if (child.process.exitCode !== null || child.process.signalCode !== null) throw new Error(`it ended: ${firstLines(errors)}`)
    if (performance.now() > deadline) throw new Error(`no answer within ${START_MS / 1000} s: ${firstLines(errors)}`)
    await new Promise(resolve => setTimeout(resolve, POLL_MS))
  }
}

/** The next message of one of the benchmark's own programs; rejects when it ends instead. */
export function nextMessage(child: Child): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error(`${child.process.spawnargs.at(-1)} ended`))
    child.process.once('exit', ended)
    child.process.once('message', message => {
      child.process.off('exit', ended)
      resolve(message)
    })
  })
}

/** Starts one of the benchmark's own programs, bound to a core, with a channel to it. It ends with its parent. */
export function startProgram(path: string, core: number | undefined): Child {
  const { file, args } = pinned(core, process.execPath, [path])
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return owned(child, path)
}
