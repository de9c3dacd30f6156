import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Child, startProgram } from '../../bench/macro/child.ts'
import type { Behaviour, Command, Message } from './behaviour.ts'

const program = fileURLToPath(new URL('upstream.ts', import.meta.url))

/** How often each id was seen: requests that came to any upstream, and effects of POSTs. */
export interface Seen {
  readonly arrivals: Map<string, number>
  readonly effects: Map<string, number>
}

function add(counts: Map<string, number>, ids: readonly string[]): void {
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
}

/** One upstream, which keeps its port through any number of processes. */
export class Upstream {
  readonly #seen: Seen
  readonly #seed: number
  readonly #calls = new Map<number, PromiseWithResolvers<number>>()
  #child: Child | undefined
  #called = 0
  #frozen = false
  #port = 0

  constructor(seen: Seen, seed: number) {
    this.#seen = seen
    this.#seed = seed
  }

  get port(): number {
    return this.#port
  }

  /** Starts a process and listens. Rejects when it ends instead. */
  async start(behaviour: Behaviour = { kind: 'good' }): Promise<void> {
    const child = startProgram(program, undefined)
    this.#child = child
    // An upstream sends nothing else.
    child.process.on('message', message => this.#hear(message as Message))
    child.process.once('exit', () => {
      if (this.#child === child) this.#child = undefined
      for (const call of this.#calls.values()) call.reject(new Error('the upstream ended'))
      this.#calls.clear()
    })
    await this.#ask({ kind: 'seed', seed: this.#seed })
    await this.behave(behaviour)
    await this.open()
  }

  async open(): Promise<void> {
    this.#port = await this.#ask({ kind: 'open', port: this.#port })
  }

  /** Listens no longer; see `Command`. */
  async close({ abruptly }: { readonly abruptly: boolean }): Promise<void> {
    await this.#ask({ kind: 'close', abruptly })
  }

  async behave(behaviour: Behaviour): Promise<void> {
    await this.#ask({ kind: 'behave', behaviour })
  }

  /** The process is gone at once, and its connections with it. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }

  /** As a deployment does: what is under way is finished, then a new process listens on the port. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM')
    await this.start()
  }

  /** The process stands still: connections are accepted by the kernel, and nothing is answered. */
  freeze(): void {
    this.#frozen = true
    this.#child?.process.kill('SIGSTOP')
  }

  /** Resolves when everything that it saw has been told, also what waited in a process that stood still. */
  async tell(): Promise<void> {
    this.#thaw()
    if (this.#child !== undefined) await this.#ask({ kind: 'tell' })
  }

  async stop(): Promise<void> {
    this.#thaw()
    // A request that is never answered would hold it up.
    if (this.#child !== undefined) await this.close({ abruptly: true })
    await this.#child?.stop()
  }

  #thaw(): void {
    if (this.#frozen) this.#child?.process.kill('SIGCONT')
    this.#frozen = false
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined) return
    const ended = once(child.process, 'exit')
    child.process.kill(signal)
    await ended
  }

  async #ask(command: Command): Promise<number> {
    if (this.#child === undefined) throw new Error('the upstream does not run')
    const call = this.#called++
    const answer = Promise.withResolvers<number>()
    this.#calls.set(call, answer)
    this.#child.process.send({ call, command })
    return answer.promise
  }

  #hear(message: Message): void {
    if (message.kind === 'done') {
      this.#calls.get(message.call)?.resolve(message.port)
      this.#calls.delete(message.call)
      return
    }
    add(this.#seen.arrivals, message.arrivals)
    add(this.#seen.effects, message.effects)
  }
}

/** The upstreams of one run. */
export interface Fleet {
  /** The one that is hit by faults of a single upstream. */
  readonly one: Upstream
  readonly all: readonly Upstream[]
  readonly seen: Seen
  stop(): Promise<void>
}

/** Starts three upstreams on free loopback ports. */
export async function openFleet(behaviour: Behaviour): Promise<Fleet> {
  const seen: Seen = { arrivals: new Map(), effects: new Map() }
  const one = new Upstream(seen, 1)
  const all = [one, new Upstream(seen, 2), new Upstream(seen, 3)]
  const stop = async (): Promise<void> => {
    await Promise.all(all.map(upstream => upstream.stop()))
  }
  try {
    await Promise.all(all.map(upstream => upstream.start(behaviour)))
  } catch (error) {
    await stop()
    throw error
  }
  return { one, all, seen, stop }
}
