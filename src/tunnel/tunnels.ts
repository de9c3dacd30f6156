import type { Tunnelling, TunnelTerms } from '../model/tunnelling.ts'
import type { Cancel, Scheduler } from '../time/scheduler.ts'
import { Tunnel } from './tunnel.ts'

/** How often idle tunnels are looked for, and so how precise that is, in milliseconds. */
const sweepEveryMs = 1000

/** Told of what goes through. `route` is a prefix. */
export interface TunnelObserver {
  opened(route: string): void
  closed(route: string, fromClient: number, fromTarget: number): void
}

/** Every tunnel that is open: idle ones are closed, and all of them when the gateway goes. */
export class Tunnels implements Tunnelling {
  /** Of some one end is gone, and the other is owed something. */
  readonly #open = new Map<Tunnel, TunnelTerms>()
  readonly #scheduler: Scheduler
  readonly #observer: TunnelObserver
  #sweeping: Cancel | undefined
  #draining: Cancel | undefined

  constructor(scheduler: Scheduler, observer: TunnelObserver) {
    this.#scheduler = scheduler
    this.#observer = observer
  }

  open(terms: TunnelTerms): void {
    const tunnel = new Tunnel({
      ...terms,
      clock: this.#scheduler.now,
      ended: () => {
        const { fromClient, fromTarget } = tunnel
        terms.ended(fromClient, fromTarget)
        this.#observer.closed(terms.route, fromClient, fromTarget)
      },
      gone: () => this.#open.delete(tunnel)
    })
    this.#open.set(tunnel, terms)
    this.#observer.opened(terms.route)
    this.#sweeping ??= this.#scheduler.after(sweepEveryMs, () => this.#sweep())
  }

  /** Asks all clients to go elsewhere, one after the other over so many milliseconds: together they would be a storm there. */
  drain(overMs: number): void {
    const leaving = [...this.#open.keys()]
    const beganAt = this.#scheduler.now()
    const next = () => {
      const due = overMs === 0 ? leaving.length : Math.ceil((leaving.length * (this.#scheduler.now() - beganAt)) / overMs)
      while (told < Math.min(due, leaving.length)) leaving[told++]?.drain()
      this.#draining = told < leaving.length ? this.#scheduler.after(overMs / leaving.length, next) : undefined
    }
    let told = 0
    next()
  }

  /** Closes all of them. */
  close(): void {
    this.#sweeping?.()
    this.#draining?.()
    for (const tunnel of [...this.#open.keys()]) tunnel.destroy()
  }

  #sweep(): void {
    const now = this.#scheduler.now()
    for (const [tunnel, { idleMs }] of this.#open) if (now - tunnel.activeAt >= idleMs) tunnel.destroy()
    this.#sweeping = this.#open.size === 0 ? undefined : this.#scheduler.after(sweepEveryMs, () => this.#sweep())
  }
}
