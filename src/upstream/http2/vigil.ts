import type { Cancel, Scheduler } from '../../time/scheduler.ts'

/** The other end of a connection, as far as it can be heard. */
export interface Peer {
  /** Grows with everything that comes from it. */
  heardBytes(): number
  /** Streams are open. */
  isBusy(): boolean
  ping(answered: () => void): void
  lost(): void
}

/** Milliseconds. */
export interface VigilTimes {
  /** Silence after which it is asked. */
  readonly silenceMs: number
  /** How long it has for its answer. */
  readonly answerMs: number
  /** Silence after which one that has answered, and said nothing else since, is asked again. */
  readonly patienceMs: number
}

/**
 * gRPC servers end a connection after a few PINGs without data between them that are less than 5 minutes apart
 * (grpc/proposal A8, A9); the first is always free.
 */
export const vigilTimes: VigilTimes = { silenceMs: 5000, answerMs: 5000, patienceMs: 310_000 }

/**
 * Finds out whether a connection still leads anywhere: one whose peer has gone without a word looks open until TCP gives up, a
 * quarter of an hour later. It watches from the opening of a stream until something is heard and no stream is open.
 */
export class Vigil {
  readonly #peer: Peer
  readonly #scheduler: Scheduler
  readonly #times: VigilTimes
  #cancel: Cancel | undefined
  #heard = 0
  #answered = false
  #patient = false

  constructor(peer: Peer, scheduler: Scheduler, times: VigilTimes) {
    this.#peer = peer
    this.#scheduler = scheduler
    this.#times = times
  }

  /** A stream has been opened: something is to come soon. */
  watch(): void {
    if (this.#patient) this.stop()
    if (this.#cancel === undefined) this.#listen(this.#times.silenceMs)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#patient = false
  }

  #listen(ms: number): void {
    this.#patient = ms === this.#times.patienceMs
    this.#heard = this.#peer.heardBytes()
    this.#cancel = this.#scheduler.after(ms, () => this.#look())
  }

  #look(): void {
    this.#cancel = undefined
    if (this.#peer.heardBytes() === this.#heard) this.#ask()
    else if (this.#peer.isBusy()) this.#listen(this.#times.silenceMs)
  }

  #ask(): void {
    this.#answered = false
    this.#cancel = this.#scheduler.after(this.#times.answerMs, () => this.#judge())
    this.#peer.ping(() => (this.#answered = true))
  }

  #judge(): void {
    this.#cancel = undefined
    // Who sends is there, whether or not the answer has come through what it sends.
    if (!this.#answered && this.#peer.heardBytes() === this.#heard) this.#peer.lost()
    else if (this.#peer.isBusy()) this.#listen(this.#times.patienceMs)
  }
}
