import type { Duplex } from 'node:stream'

/** Two ends of bytes that are no HTTP. */
export interface TunnelTerms {
  readonly client: Duplex
  readonly target: Duplex
  readonly isWebSocket: boolean
  /** The prefix of its route. */
  readonly route: string
  /** A tunnel through which nothing has gone for so many milliseconds is closed. */
  readonly idleMs: number
  /** One of its ends is gone, after so many bytes. Comes once. */
  ended(fromClient: number, fromTarget: number): void
}

/** Connects what speaks something else than HTTP. */
export interface Tunnelling {
  open(terms: TunnelTerms): void
}
