import type { AnswerStore } from './answer-store.ts'
import { type Asked, selection } from './asked.ts'
import { type Forwarded, type Handled, withStatus } from './cache-status.ts'
import { preconditions, updated, validating, withoutConditions } from './conditions.ts'
import { type Directives, directivesOf } from './directives.ts'
import type { Entry, StoredAnswer } from './entry.ts'
import type { Fields } from './fields.ts'
import type { Flights, Landing } from './flights.ts'
import { invalidated } from './invalidation.ts'
import { mayStandIn, requestDirectives, useOf } from './reuse.ts'
import { served } from './serving.ts'
import { entryOf, mayStore, type StaleRules, selectingFields } from './storing.ts'

/** What all visits of a cache share. */
export interface VisitParts {
  readonly store: AnswerStore
  readonly flights: Flights
  readonly rules: StaleRules
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
}

/** What became of a request, for metrics. */
export type Result = 'hit' | 'stale' | 'revalidated' | 'miss' | 'bypass'

/** What to do with a request. */
export type Step =
  /** Answer it; with `refresh`, fetch a new answer meanwhile. */
  | { readonly kind: 'answer'; readonly answer: StoredAnswer; readonly refresh: boolean }
  /** Send it on, with `visit.headers` in place of its own where there are some. */
  | { readonly kind: 'forward' }
  /** Another one like it is on its way: `join` says when to look again, and gives what ends the wait. */
  | { readonly kind: 'wait'; readonly join: (landed: () => void) => () => void }
  /** It wants a stored answer or none, and there is none. */
  | { readonly kind: 'none' }

/** What to do with an answer that came. */
export type Taken =
  /** It is for the client, with these fields; with `keep`, tell of its body when that is complete. */
  | { readonly kind: 'pass'; readonly fields: Record<string, string | string[]>; readonly keep: boolean }
  /** The client gets another one. */
  | { readonly kind: 'instead'; readonly answer: StoredAnswer }

/** Answers in the place of which a stale one may stand (RFC 5861 section 4). */
const failures: ReadonlySet<number> = new Set([500, 502, 503, 504])

/** One request at the cache: what is stored for it, and what is made of the answer that comes. */
export class Visit {
  /** What goes upstream in place of the client's own fields; undefined: these. */
  headers: Fields | undefined
  result: Result = 'bypass'
  readonly asked: Asked
  readonly #parts: VisitParts
  readonly #directives: Directives
  #why: Forwarded = 'bypass'
  #entry: Entry | undefined
  #askedAt = 0
  #collapsed = false
  #land: ((how: Landing) => void) | undefined
  /** An answer that is kept once its body is here. */
  #keeping: ((body: Buffer) => void) | undefined

  constructor(asked: Asked, parts: VisitParts) {
    this.asked = asked
    this.#parts = parts
    this.#directives = requestDirectives(asked.headers)
  }

  look(): Step {
    const { asked } = this
    const now = this.#parts.wallClock()
    this.#askedAt = now
    if (asked.method !== 'GET' && asked.method !== 'HEAD') return this.#forward('method')
    if (this.#directives.has('no-store') || isPeculiar(asked)) return this.#forward('bypass')
    const { entry, known } = this.#parts.store.find(asked)
    this.#entry = entry
    const use = entry === undefined ? undefined : useOf(entry, this.#directives, this.#parts.rules, now)
    if (entry !== undefined && use !== 'validate') return this.#hit(entry, use === 'revalidate', now)
    this.result = 'miss'
    if (this.#directives.has('only-if-cached')) return { kind: 'none' }
    if (!this.#collapsed && this.#mayWait()) {
      const key = this.#flightKey()
      if (this.#parts.flights.joinable(key))
        return { kind: 'wait', join: landed => this.#parts.flights.join(key, how => this.#landed(how, landed)) }
    }
    if (entry === undefined) return this.#forward(known ? 'vary-miss' : 'uri-miss')
    this.headers = validating(asked.headers, entry)
    return this.#forward(entry.staleAt > now ? 'request' : 'stale')
  }

  /** The same for a new answer in place of a stale one; undefined where one is being fetched already. */
  refresh(): Visit | undefined {
    const entry = this.#entry
    const land = this.#parts.flights.begin(this.#flightKey())
    if (entry === undefined || land === undefined) return undefined
    const visit = new Visit({ ...this.asked, method: 'GET', headers: withoutConditions(this.asked.headers) }, this.#parts)
    visit.#entry = entry
    visit.#land = land
    visit.#why = 'stale'
    visit.#askedAt = this.#parts.wallClock()
    visit.headers = validating(visit.asked.headers, entry) ?? visit.asked.headers
    return visit
  }

  /** An answer came, with these fields, which are changed. */
  answered(status: number, fields: Record<string, string | string[]>): Taken {
    const { store, rules, wallClock } = this.#parts
    const { asked } = this
    const now = wallClock()
    const entry = this.#entry
    if (this.#why === 'method') for (const gone of invalidated(asked, status, fields)) store.drop(gone)
    if (entry !== undefined && status === 304 && this.headers !== undefined) return this.#confirmed(entry, fields, now)
    if (entry !== undefined && failures.has(status) && this.#standsIn(entry, now))
      return { kind: 'instead', answer: this.#answer(entry, now, { kind: 'forwarded', why: this.#why, status, detail: 'stale' }) }
    const directives = directivesOf(fields)
    const names = selectingFields(fields)
    const fits = this.#why !== 'bypass' && asked.method === 'GET' && mayStore(status, fields, directives, asked)
    const kept = fits ? entryOf(status, fields, none, { askedAt: this.#askedAt, cameAt: now }, rules) : undefined
    if (kept === undefined || names === undefined) {
      // What was stored is not what the upstream says now.
      if (entry !== undefined && asked.method === 'GET' && replaces(status)) store.drop(asked)
      this.#land?.(status < 500 ? 'in-vain' : 'failed')
    } else {
      this.#keeping = body => store.put(asked, names, { ...kept, body }, this.#landsLater())
    }
    const stored = this.#keeping !== undefined
    delete fields[rules.tags]
    fields['cache-status'] = withStatus(fields, { kind: 'forwarded', why: this.#why, stored, collapsed: this.#collapsed })
    return { kind: 'pass', fields, keep: stored }
  }

  /** All of an answer that is to be kept is here. */
  complete(body: Buffer): void {
    this.#keeping?.(body)
    this.#keeping = undefined
  }

  /** It is longer than what is kept: nobody waits for its end, nor for the next one. */
  tooLong(): void {
    this.#keeping = undefined
    this.#land?.('in-vain')
  }

  /** The upstream gave no answer: a stored one where that may be used. */
  failed(): StoredAnswer | undefined {
    const now = this.#parts.wallClock()
    const entry = this.#entry
    this.#land?.('failed')
    if (entry === undefined || !this.#standsIn(entry, now)) return undefined
    return this.#answer(entry, now, { kind: 'forwarded', why: this.#why, detail: 'stale' })
  }

  /** Nothing more comes of it, if anything did. */
  end(): void {
    this.#keeping = undefined
    this.#land?.('left')
  }

  #landed(how: Landing, landed: () => void): void {
    this.#collapsed = how !== 'left'
    landed()
  }

  /** Who waits looks when the answer can be found, whatever becomes of this client until then. */
  #landsLater(): () => void {
    const land = this.#land
    this.#land = undefined
    return () => land?.('kept')
  }

  #forward(why: Forwarded): Step {
    this.#why = why
    if (this.result !== 'bypass' && this.#mayLead()) this.#land = this.#parts.flights.begin(this.#flightKey())
    return { kind: 'forward' }
  }

  #hit(entry: Entry, refresh: boolean, now: number): Step {
    this.result = entry.staleAt > now ? 'hit' : 'stale'
    const handled: Handled = { kind: 'hit', ttlMs: entry.staleAt - now, collapsed: this.#collapsed }
    return { kind: 'answer', answer: this.#answer(entry, now, handled), refresh }
  }

  /** The upstream says that what is stored is what it would answer: its fields are the new ones (RFC 9111 section 4.3.4). */
  #confirmed(entry: Entry, fields: Fields, now: number): Taken {
    const { store, rules } = this.#parts
    const { asked } = this
    const all = updated(fields, entry)
    const names = selectingFields(all)
    const exchanged = { askedAt: this.#askedAt, cameAt: now }
    // Its time is that of the confirmation.
    if (fields['date'] === undefined) delete all['date']
    if (rules.tags in fields === false && entry.tags.length > 0) all[rules.tags] = entry.tags.join(' ')
    const fits = mayStore(entry.status, all, directivesOf(all), asked)
    const renewed = fits ? entryOf(entry.status, all, entry.body, exchanged, rules) : undefined
    if (renewed === undefined || names === undefined) {
      store.drop(asked)
      this.#land?.('in-vain')
    } else {
      store.put(asked, names, renewed, this.#landsLater())
    }
    this.result = 'revalidated'
    delete all[rules.tags]
    const answer = renewed ?? { ...entry, fields: all, bornAt: now }
    const handled: Handled = { kind: 'forwarded', why: this.#why, status: 304, stored: renewed !== undefined }
    return { kind: 'instead', answer: this.#answer(answer, now, handled) }
  }

  #standsIn(entry: Entry, now: number): boolean {
    if (!mayStandIn(entry, this.#directives, this.#parts.rules, now)) return false
    this.result = 'stale'
    this.#land?.('failed')
    return true
  }

  #answer(entry: Entry, now: number, handled: Handled): StoredAnswer {
    const answer = served(this.asked.method, this.asked.headers, entry, now)
    answer.fields['cache-status'] = withStatus(entry.fields, handled)
    return answer
  }

  /** Whose answer may be somebody else's business waits for nobody, and nobody for him. */
  #mayWait(): boolean {
    const { authorization, cookie } = this.asked.headers
    return this.asked.method === 'GET' && (authorization ?? cookie) === undefined && !this.#directives.has('no-cache')
  }

  /** What it asks for is the whole answer. */
  #mayLead(): boolean {
    const { headers } = this.asked
    const asksForLess = headers['range'] !== undefined || preconditions.some(name => headers[name] !== undefined)
    return this.#mayWait() && (this.headers !== undefined || !asksForLess)
  }

  #flightKey(): string {
    const { upstream, site, path, search } = this.asked
    return JSON.stringify([upstream, site, path, search, selection(this.asked, [])])
  }
}

const none = Buffer.alloc(0)

/** What came is about the resource, not about who asked or how. */
const replaces = (status: number) => status === 200 || status === 404 || status === 410 || (status >= 300 && status < 304)

/** A body that decides about the answer would have to be a part of the key; conditions of changes are the upstream's affair. */
const isPeculiar = ({ headers, hasBody }: Asked) =>
  hasBody || headers['if-match'] !== undefined || headers['if-unmodified-since'] !== undefined
