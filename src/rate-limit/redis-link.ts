import type { Timed } from '../time/deadlines.ts'
import { DueQueue } from '../time/due-queue.ts'
import type { Cancel, Scheduler } from '../time/scheduler.ts'
import type { RedisClient } from './redis-client.ts'

/** How often a gateway says that it is there; and for how long that holds. */
const announceEveryMs = 1000
const announcedForMs = 10_000
/** How often a server that is lost is tried. */
const probeEveryMs = 500
/** After so many tries in vain the connection is taken for dead, and another one is made. */
const triesOfConnection = 3
/** How long the start of a gateway waits for the first answer. */
const openMs = 1000

export const gatewaysKey = 'evergate:gateways'

export interface LinkOptions {
  readonly client: RedisClient
  /** This gateway's name, unlike any other's. */
  readonly name: string
  readonly scheduler: Scheduler
  /** Longer than this nobody waits for an answer. */
  readonly patienceMs: number
  /** Told when the server is lost, with the reason, and when it is back. */
  readonly turned: (isUp: boolean, why?: string) => void
}

/** One question to the server. `settle` is told of no answer when none has come in time. */
class Call implements Timed {
  readonly dueAt: number
  previous: Timed | undefined
  next: Timed | undefined
  readonly due: () => void
  readonly settle: (answer: unknown) => void

  constructor(dueAt: number, due: () => void, settle: (answer: unknown) => void) {
    this.dueAt = dueAt
    this.due = due
    this.settle = settle
  }
}

/**
 * A server that may be lost at any moment. Whoever finds out, by an error or by waiting `patienceMs`, opens a circuit: everybody who
 * waits goes on at once without an answer, and nobody asks again until a probe in the background was answered in time.
 */
export class RedisLink {
  #gateways = 1
  /** Until then a server that is back may not have heard of everybody again. */
  #completeAt = Number.NEGATIVE_INFINITY
  #isUp = false
  #isClosed = false
  #wasLost = false
  #whyDown: string | undefined
  #tries = 0
  readonly #calls = new Set<Call>()
  readonly #due: DueQueue
  readonly #options: LinkOptions
  #cancel: Cancel | undefined
  #opened: (() => void) | undefined
  /** Told with every sign of life that this gateway gives; `isBack`: the server was lost since the one before. */
  onAnnounced: (isBack: boolean) => void = () => {}

  constructor(options: LinkOptions) {
    this.#options = options
    this.#due = new DueQueue(options.scheduler)
    const { client } = options
    client.on('error', error => this.lost(error?.message ?? 'an error'))
    client.on('close', () => this.lost('the connection is closed'))
    client.on('ready', () => this.#announce())
  }

  /** How many gateways share the server, this one included, as it was last heard. */
  get gateways(): number {
    return this.#gateways
  }

  /** Why the server cannot be used; undefined where it can, or where nothing was heard of it. */
  get whyDown(): string | undefined {
    return this.#whyDown
  }

  get isUp(): boolean {
    return this.#isUp
  }

  /** Resolves when the server has answered, or will not do so soon. */
  async open(): Promise<void> {
    const { client, scheduler } = this.#options
    const opened = new Promise<void>(resolve => {
      this.#opened = resolve
    })
    const cancel = scheduler.after(openMs, () => {
      this.#whyDown ??= `no answer within ${openMs} ms`
      this.#opened?.()
    })
    client.connect().catch(() => this.#opened?.())
    await opened
    cancel()
  }

  /** Asks; `settle` is called once, with undefined where the server is lost meanwhile. `late` hears of an answer after that. */
  ask(
    send: (client: RedisClient) => Promise<unknown>,
    settle: (answer: unknown) => void,
    late?: (answer: unknown) => void
  ): void {
    const { client, scheduler, patienceMs } = this.#options
    const call = new Call(scheduler.now() + patienceMs, () => this.#fail(call, `no answer within ${patienceMs} ms`), settle)
    this.#calls.add(call)
    this.#due.add(call)
    send(client).then(
      answer => (this.#end(call) ? call.settle(answer) : late?.(answer)),
      // What else is wrong with the answer, the server cannot be used.
      (error: unknown) => this.#fail(call, error instanceof Error ? error.message : 'an error')
    )
  }

  /** Tells the server something that nobody waits for. */
  tell(send: (client: RedisClient) => Promise<unknown>): void {
    if (this.#isUp) send(this.#options.client).catch(() => {})
  }

  /** The server cannot be used, until a probe finds that it can. */
  lost(why: string): void {
    if (this.#isClosed) return
    // What comes first is the reason: a connection that is closed follows from it.
    this.#whyDown ??= why
    if (this.#isUp) {
      this.#isUp = false
      this.#wasLost = true
      this.#options.turned(false, why)
      this.#again(probeEveryMs)
    }
    this.#settleAll()
  }

  async close(): Promise<void> {
    const { client, name } = this.#options
    if (this.#isUp) await new Promise(resolve => this.ask(() => client.zrem(gatewaysKey, name), resolve))
    this.#isClosed = true
    this.#cancel?.()
    this.#settleAll()
    client.disconnect()
  }

  #settleAll(): void {
    for (const call of [...this.#calls]) if (this.#end(call)) call.settle(undefined)
  }

  #fail(call: Call, why: string): void {
    if (!this.#calls.has(call)) return
    this.lost(why)
  }

  /** Whether it was still waited for. */
  #end(call: Call): boolean {
    this.#due.remove(call)
    return this.#calls.delete(call)
  }

  /** Says that this gateway is there, hears how many there are, and so finds out whether the server answers in time. */
  #announce(): void {
    if (this.#isClosed) return
    const { client, name } = this.#options
    this.#again(this.#isUp ? announceEveryMs : probeEveryMs)
    if (client.status !== 'ready') return
    if (!this.#isUp && ++this.#tries > triesOfConnection) {
      this.#tries = 0
      client.disconnect(true)
      return
    }
    this.ask(
      () => client.evergateAnnounce(1, gatewaysKey, name, announcedForMs),
      answer => {
        if (answer !== undefined) this.#heard(Number(answer))
      }
    )
  }

  #heard(gateways: number): void {
    const now = this.#options.scheduler.now()
    if (this.#wasLost) this.#completeAt = now + announcedForMs
    this.#gateways = Math.max(gateways, now < this.#completeAt ? this.#gateways : 1)
    this.#tries = 0
    this.#whyDown = undefined
    if (!this.#isUp) {
      this.#isUp = true
      this.#again(announceEveryMs)
      this.#options.turned(true)
    }
    this.onAnnounced(this.#wasLost)
    this.#wasLost = false
    this.#opened?.()
  }

  #again(ms: number): void {
    this.#cancel?.()
    this.#cancel = this.#options.scheduler.after(ms, () => this.#announce())
  }
}
