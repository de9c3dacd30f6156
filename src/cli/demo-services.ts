import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { demoServices } from '../demo/behaviour.ts'
import type { ServiceReport } from '../demo/shop.ts'

const RESTART_MS = 10_000
const STOP_MS = 2_000

/** A demo service as it runs now; after a restart the process id is another. */
export type DemoService = { readonly name: string; readonly pid: number; readonly url: string }

export type DemoServicesOptions = {
  /** One port of 127.0.0.1 for each service: steady, slow, flaky. */
  readonly ports: readonly number[]
  /** When a service that ended is started again (default 10 s). `Infinity`: it stays away. */
  readonly restartAfterMs?: number
  /** Told when a service ends and when it is back, a line at a time without its end. */
  readonly onLine: (text: string) => void
}

export type DemoServices = {
  /** The services that run. */
  readonly services: readonly DemoService[]
  /** Ends them all and starts none again. */
  stop(): Promise<void>
}

// As .ts in a clone and .js in dist/: whichever this file is.
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const program = new URL(`../demo/shop${extension}`, import.meta.url)

/** One service and its process, whichever it is at the moment. */
class Keeper {
  readonly name: string
  readonly port: number
  readonly #restartAfterMs: number
  readonly #onLine: (text: string) => void
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped = false

  constructor(name: string, port: number, { restartAfterMs = RESTART_MS, onLine }: DemoServicesOptions) {
    this.name = name
    this.port = port
    this.#restartAfterMs = restartAfterMs
    this.#onLine = onLine
  }

  get service(): DemoService | undefined {
    const pid = this.#child?.pid
    return pid === undefined ? undefined : { name: this.name, pid, url: `http://127.0.0.1:${this.port}` }
  }

  /** Resolves when it listens; rejects with one line that says why it cannot. */
  async start(): Promise<void> {
    const child = fork(program, [this.name, String(this.port)], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    this.#child = child
    const ended = once(child, 'exit').then((): ServiceReport => ({ listening: false, reason: 'it ended at once' }))
    // The only message that a service sends.
    const reported = once(child, 'message').then(([message]) => message as ServiceReport)
    const report = await Promise.race([reported, ended])
    if (!report.listening) {
      this.#child = undefined
      throw new Error(`the demo service ${this.name} cannot start: ${report.reason}`)
    }
    child.once('exit', (code, signal) => this.#gone(child, signal ?? `exit code ${code}`))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await ended
    clearTimeout(timer)
  }

  #gone(child: ChildProcess, how: string): void {
    if (this.#stopped) return
    this.#child = undefined
    const forever = !Number.isFinite(this.#restartAfterMs)
    const next = forever ? 'it stays away' : `it comes back in ${this.#restartAfterMs / 1000} s`
    this.#onLine(`${this.name} (pid ${child.pid}) is gone: ${how}; ${next}`)
    if (!forever) this.#timer = setTimeout(() => this.#restart(), this.#restartAfterMs)
  }

  #restart(): void {
    const say = (line: string): void => {
      if (!this.#stopped) this.#onLine(line)
    }
    this.start().then(
      () => say(`${this.name} is back, pid ${this.#child?.pid}`),
      (error: Error) => say(error.message)
    )
  }
}

/**
 * Starts the demo's three services, each in a process of its own that ends with this one. Resolves when all of them listen.
 * Rejects with one line for the user when one cannot, because its port is taken for example; then none is left running.
 */
export async function startDemoServices(options: DemoServicesOptions): Promise<DemoServices> {
  const keepers = demoServices.map((name, index) => {
    const port = options.ports[index]
    if (port === undefined) throw new RangeError(`a port for ${name} is missing`)
    return new Keeper(name, port, options)
  })
  const stop = async (): Promise<void> => {
    await Promise.all(keepers.map(keeper => keeper.stop()))
  }
  const starts = await Promise.allSettled(keepers.map(keeper => keeper.start()))
  const failed = starts.find(start => start.status === 'rejected')
  if (failed) {
    await stop()
    throw failed.reason
  }
  return {
    get services() {
      return keepers.map(keeper => keeper.service).filter(service => service !== undefined)
    },
    stop
  }
}
