import type { FastifyRequest } from 'fastify'
import type { Facts } from '../src/model/facts.ts'
import type { Route } from '../src/model/route.ts'
import { claimOf } from '../src/security/auth/claim.ts'
import { fieldValue } from '../src/security/auth/identity-fields.ts'
import type {} from './authentication.ts'
import type {} from './routing.ts'

/** What a client is told whose request makes no path. */
export const notMade = 'The request has not what the path of its route is made from, or has what does not belong in a path.'

/** What of a request the values of its route can say. */
export const factsOf = (request: FastifyRequest, route: Route): Facts => new RequestFacts(request, route.prefix)

/** What it costs to know something is paid by the route that says it. */
class RequestFacts implements Facts {
  readonly prefix: string
  readonly #request: FastifyRequest

  constructor(request: FastifyRequest, prefix: string) {
    this.#request = request
    this.prefix = prefix
  }

  get id() {
    return this.#request.id
  }

  get method() {
    return this.#request.method
  }

  get host() {
    return this.#request.match.host
  }

  get path() {
    return this.#request.match.path
  }

  get search() {
    return this.#request.match.search.slice(1)
  }

  get headers() {
    return this.#request.raw.headers
  }

  get ip() {
    return this.#request.ip
  }

  get consumer() {
    return fieldValue(this.#request.consumer?.name)
  }

  claim(name: string): string | undefined {
    const { consumer } = this.#request
    return consumer === null ? undefined : fieldValue(claimOf(consumer, name))
  }
}
