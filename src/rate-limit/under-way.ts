import type { Scheduler } from '../time/scheduler.ts'
import type { RedisLink } from './redis-link.ts'
import type { Question } from './store.ts'

interface Held {
  readonly keys: readonly string[]
  renewedAt: number
}

/** Requests that a server counts as under way until it is told otherwise, or has not heard of them for the time of a lease. */
export class UnderWay {
  readonly #link: RedisLink
  readonly #gateway: string
  readonly #scheduler: Scheduler
  readonly #held = new Map<string, Held>()
  #count = 0

  constructor(link: RedisLink, gateway: string, scheduler: Scheduler) {
    this.#link = link
    this.#gateway = gateway
    this.#scheduler = scheduler
  }

  /** Names a request for the server; nothing where it is counted by no limit that needs it. */
  nameFor(questions: readonly Question[]): string {
    const isCounted = questions.some(({ counter }) => counter.limit.algorithm === 'concurrency')
    return isCounted ? `${this.#gateway}:${this.#count++}` : ''
  }

  /** The answer is what is to be called when the request is over. */
  begin(keys: readonly string[], name: string): () => void {
    this.#held.set(name, { keys, renewedAt: this.#scheduler.now() })
    return () => {
      this.#held.delete(name)
      this.#remove(keys, name)
    }
  }

  /** The server has let a request in that nobody waited for any more: it may be under way all the same. */
  late(keys: readonly string[], name: string, allowed: boolean): void {
    if (allowed && name !== '' && !this.#held.has(name)) this.#remove(keys, name)
  }

  /** Tells the server again of those that it has not heard of for so long. */
  renew(olderThanMs: number): void {
    const now = this.#scheduler.now()
    for (const [name, held] of this.#held) {
      if (now - held.renewedAt < olderThanMs) continue
      held.renewedAt = now
      for (const key of held.keys) this.#link.tell(client => client.evergateRenew(1, key, name))
    }
  }

  #remove(keys: readonly string[], name: string): void {
    for (const key of keys) this.#link.tell(client => client.zrem(key, name))
  }
}
