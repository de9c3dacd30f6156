import type { Socket } from 'node:net'
import { type Address, type App, type Doors, type Listener, noDoors, type ServerTimeouts } from './doors.ts'
import type { Refusal } from './model/refusal.ts'
import { openListener } from './open-listener.ts'
import type { Entrance } from './transport/entrance.ts'

/** How often a closing server looks for connections that have become idle. */
const idleCheckMs = 50

/** The servers that clients connect to, and a replaceable app behind them. */
export class Swap {
  readonly #entrances: Entrance[] = []
  readonly #connections = new Set<Socket>()
  readonly #timeouts: ServerTimeouts
  readonly #hex: (bytes: number) => string
  readonly #refused: (refusal: Refusal) => void
  readonly #doors: Doors
  #app: App
  #draining = false

  /** `refused` is told of every request that the app is not asked about. */
  constructor(
    app: App,
    timeouts: ServerTimeouts,
    hex: (bytes: number) => string,
    refused: (refusal: Refusal) => void = () => {},
    doors = noDoors
  ) {
    this.#app = app
    this.#timeouts = timeouts
    this.#hex = hex
    this.#refused = refused
    this.#doors = doors
  }

  /** Requests from now on go to this app; those under way stay where they are. */
  replace(app: App): void {
    this.#app = app
  }

  /** Resolves with the addresses as they are bound, in the given order. Rejects with Node's error when one is not to be had. */
  async listen(listeners: readonly Listener[]): Promise<Address[]> {
    const bound: Address[] = []
    for (const listener of listeners) {
      const { host, port } = listener
      const { front } = this.#open(listener)
      await new Promise<void>((resolve, reject) => {
        front.once('error', reject)
        front.listen({ host, port }, () => {
          front.off('error', reject)
          resolve()
        })
      })
      const address = front.address()
      const boundPort = typeof address === 'object' && address !== null ? address.port : port
      bound.push({ host, port: boundPort, secure: listener.tls !== undefined })
    }
    return bound
  }

  #open(listener: Listener): Entrance {
    const entrance = openListener(listener, {
      timeouts: this.#timeouts,
      hex: this.#hex,
      doors: this.#doors,
      app: (request, response) => this.#app(request, response),
      draining: () => this.#draining,
      refused: this.#refused,
      opened: socket => {
        this.#connections.add(socket)
        // Not `once`: that makes its array of listeners where Node makes those of each request, which V8 then takes for long-lived.
        socket.prependOnceListener('close', () => this.#connections.delete(socket))
      }
    })
    this.#entrances.push(entrance)
    return entrance
  }

  /** Answers from now on end their connection; where there are more in one, clients are told to begin no more. */
  drain(): void {
    this.#draining = true
    this.#each(entrance => entrance.drain())
  }

  /**
   * Takes no new connection and waits for those under way; after `forceMs` they are cut. Resolves when none is left and whoever
   * was at work on a request has been told of its end.
   */
  async close(forceMs: number): Promise<void> {
    this.drain()
    // A connection that carried a request when the draining began may be kept by its client after the answer.
    const idle = setInterval(() => this.#each(entrance => entrance.closeIdle()), idleCheckMs)
    const force = setTimeout(() => this.#cut(), forceMs)
    await Promise.all(this.#entrances.map(entrance => new Promise<void>(resolve => entrance.close(resolve))))
    clearInterval(idle)
    clearTimeout(force)
    // A server is closed as soon as its connections are destroyed; they, and their requests, are told a turn later.
    await Promise.all(
      [...this.#connections].map(socket => new Promise<void>(resolve => void socket.once('close', () => resolve())))
    )
  }

  /** Those that carry something else than HTTP too. */
  #cut(): void {
    this.#each(entrance => entrance.cut())
    for (const socket of this.#connections) socket.destroy()
  }

  #each(act: (entrance: Entrance) => void): void {
    for (const entrance of this.#entrances) act(entrance)
  }
}
