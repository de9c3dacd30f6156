import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { TestScope } from '../../src/testing.ts'
import { freePort } from './free-port.ts'
import { temporary } from './temporary.ts'

/** Why tests of a shared store cannot run here, or false. Where CI is set they run, and fail without it. */
export const withoutRedis: string | false =
  process.env['CI'] === undefined && spawnSync('redis-server', ['--version']).error !== undefined
    ? 'redis-server is not installed (Debian package redis-server)'
    : false

/** A Redis that a test may end and start again at the same port. It keeps nothing on disk. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Ends it without a word, as a crash does. */
  kill(): Promise<void>
  /** Starts it again, empty. */
  start(): Promise<void>
  /** Stops it from answering, and lets it go on. */
  freeze(): void
  thaw(): void
}

/** Starts one that ends with the test. */
export async function redisServer(t: TestScope, options: readonly string[] = []): Promise<RedisServer> {
  const directory = await temporary(t)
  const port = await freePort()
  let child: ChildProcess | undefined
  const kill = async () => {
    const running = child
    child = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const gone = once(running, 'exit')
    running.kill('SIGKILL')
    await gone
  }
  const start = async () => {
    const own = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', directory]
    child = spawn('redis-server', [...own, ...options], { stdio: ['ignore', 'pipe', 'ignore'] })
    const { stdout } = child
    if (stdout === null) throw new Error('it has an output')
    for await (const line of createInterface({ input: stdout })) if (line.includes('Ready to accept connections')) break
    stdout.resume()
  }
  t.after(kill)
  await start()
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT')
  }
}
