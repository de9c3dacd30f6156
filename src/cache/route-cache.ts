import type { Asked } from './asked.ts'
import type { Flights } from './flights.ts'
import type { OpenStore } from './open-store.ts'
import type { CacheTerms } from './options.ts'
import { Visit, type VisitParts } from './visit.ts'

/** The cache of one route, in a store that it may share with others. */
export class RouteCache {
  /** Bodies that are longer pass and are not kept; bytes. */
  readonly maxEntry: number
  /** The field of answers that names what they can be purged by, in lower case. */
  readonly tags: string
  readonly store: OpenStore
  /** Sets its answers apart from those that other routes make of the same upstream's. */
  readonly #variant: string
  readonly #parts: VisitParts

  /** `flights` belong to the store. */
  constructor(terms: CacheTerms, variant: string, store: OpenStore, flights: Flights, wallClock: () => number) {
    this.maxEntry = terms.maxEntry
    this.tags = terms.tags
    this.store = store
    this.#variant = variant
    const { staleIfError: staleIfErrorMs, staleWhileRevalidate: staleWhileRevalidateMs, tags } = terms
    this.#parts = { store: store.answers, flights, rules: { staleIfErrorMs, staleWhileRevalidateMs, tags }, wallClock }
  }

  visit(asked: Asked): Visit {
    return new Visit({ ...asked, variant: `${this.#variant} ${asked.variant}` }, this.#parts)
  }
}
