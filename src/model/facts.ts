import type { KeyedRequest } from './request-key.ts'

/** What of a request the values of a route can say. */
export interface Facts extends KeyedRequest {
  /** The request's id. */
  readonly id: string
  readonly method: string
  /** As the client asked for it, with its port. */
  readonly host: string
  /** As it was read, escapes and all. */
  readonly path: string
  /** The prefix of the route. */
  readonly prefix: string
  /** Name of who sends it, as a field can hold it: UTF-8, a byte a character. Undefined: nobody knows, or it cannot be written. */
  readonly consumer: string | undefined
  /** What is said of who sends it, likewise. */
  claim(name: string): string | undefined
}

/** A value that is the same for every request, or made from each; undefined where a request has not what it is made from. */
export type Value = string | ((facts: Facts) => string | undefined)
