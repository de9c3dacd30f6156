import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { CachingClient } from '../plugins/caching-client.ts'
import type { Visit } from './cache/visit.ts'
import { FailoverPlan } from './failover/failover-plan.ts'
import { reach } from './failover/reach.ts'
import type { Client } from './forward/client.ts'
import type { Origin } from './forward/forwarded.ts'
import type { Forwarder } from './forward/forwarder.ts'
import { Exchange } from './model/exchange.ts'
import type { Clock } from './time/clock.ts'
import type { Random } from './time/random.ts'

export interface RefreshParts {
  readonly forwarder: Forwarder
  readonly clock: Clock
  readonly random: Random
}

/** So many stale answers at most are fetched anew at the same time, without anybody waiting for them. */
const most = 64

/** Fetches new answers for the cache in the background, through the same policies as requests of clients. */
export class Refreshing {
  readonly #parts: RefreshParts
  #underWay = 0

  constructor(parts: RefreshParts) {
    this.#parts = parts
  }

  /** Sends what the visit asks for to where a request like this one would go. `maxEntry`: bytes of the longest body kept. */
  begin(visit: Visit, maxEntry: number, like: Exchange, origin: Origin): void {
    const { clock, random, forwarder } = this.#parts
    if (this.#underWay >= most) return void visit.end()
    const exchange = new Exchange(like.id, like.route, like.group, like.path, like.search, clock())
    exchange.candidates = like.candidates
    exchange.identity = like.identity
    exchange.keptBack = like.keptBack
    exchange.facts = like.facts
    exchange.outgoing = like.outgoing
    exchange.timeoutMs = like.route.timeoutMs
    this.#underWay++
    let ended = false
    const end = () => {
      if (ended) return
      ended = true
      this.#underWay--
      exchange.leave?.(clock())
      visit.end()
    }
    const go = () => {
      const now = clock()
      const reached = reach(exchange.group, exchange.candidates, now)
      if (reached === undefined) return end()
      const { group, candidates, open } = reached
      exchange.reach = reached
      exchange.key = group.picker.key?.({
        headers: visit.asked.headers,
        search: like.search.slice(1),
        path: like.path,
        ip: origin.peer
      })
      exchange.picked = group.selector.select(candidates, open, { now, random, retry: false, key: exchange.key })
      const plan = new FailoverPlan({ group: reached.group, target: exchange.picked }, exchange, random)
      forwarder.forward(exchange, plan, new CachingClient(new Nobody(visit, origin, end), visit, maxEntry))
    }
    const { admission } = exchange.group
    // It can wait: clients come first.
    if (admission === undefined) go()
    else exchange.leave = admission.enter({ priority: 'low', admit: () => setImmediate(go), shed: end }, clock())
  }
}

/** The side of a client where there is none: nobody reads the answer but the cache. */
class Nobody implements Client {
  readonly request = new IncomingMessage(new Socket())
  readonly response: ServerResponse
  readonly origin: Origin
  readonly #end: () => void

  constructor({ asked, headers }: Visit, origin: Origin, end: () => void) {
    this.origin = origin
    this.#end = end
    this.request.method = asked.method
    this.request.httpVersion = '1.0' // which takes neither early hints nor trailers
    this.request.headers = { ...(headers ?? asked.headers) }
    this.response = new ServerResponse(this.request)
  }

  get ip(): string {
    return this.origin.peer
  }

  switched(): never {
    throw new Error('a stored answer is no upgrade')
  }

  send(): void {
    this.#end()
  }

  stream(_status: number, _fields: unknown, body: Readable): void {
    body
      .on('close', this.#end)
      .on('error', () => {})
      .resume()
  }

  fail(): void {
    this.#end()
  }
}
