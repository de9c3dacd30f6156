import type { IncomingHttpHeaders } from 'node:http'
import type { Exchange } from '../model/exchange.ts'
import type { Facts } from '../model/facts.ts'
import { fieldWithout } from '../model/kept-back.ts'
import type { Route } from '../model/route.ts'
import { appendForwarded, isReplaced, type Origin } from './forwarded.ts'
import { hopByHop, namedByConnection } from './hop-by-hop.ts'

/** Written by the HTTP client itself, or answered by the gateway (Expect); request trailers cannot be sent on. */
const ownFraming: ReadonlySet<string> = new Set(['host', 'content-length', 'expect', 'trailer'])

/** Told anew for each attempt. */
const grpcTimeout = 'grpc-timeout'

/** What of an exchange decides about the fields. */
type Told = Pick<Exchange, 'identity' | 'keptBack' | 'facts' | 'callDeadlineAt'>

/**
 * The fields of a request as they go to an upstream. What differs from attempt to attempt stands first, so that a retry writes
 * one place of one array. Without a Host among them undici names the target.
 */
export class RequestHeaders {
  /** Name, value, name, value: as undici takes them. */
  readonly #fields: string[]

  /** `identity`: what is told of the consumer, as name, value, name, value. */
  constructor(
    incoming: IncomingHttpHeaders,
    route: Route,
    origin: Origin,
    contentLength: number | undefined,
    { identity = [], keptBack, facts, callDeadlineAt }: Partial<Told> = {}
  ) {
    const fields = ['x-request-timeout-ms', '']
    if (callDeadlineAt !== undefined) fields.push(grpcTimeout, '')
    const { trusted } = origin
    const named = namedByConnection(incoming.connection)
    const edit = route.requestEdit
    const { withheld } = route
    if (route.hostHeader === 'client' && !namesHost(edit)) fields.push('host', origin.host)
    for (const name in incoming) {
      if (hopByHop.has(name) || ownFraming.has(name) || name === grpcTimeout || isReplaced(name, trusted)) continue
      if (named?.has(name) || edit?.drop.has(name) || (withheld !== undefined && isWithheld(withheld, name))) continue
      const written = incoming[name]
      const value = keptBack === undefined || written === undefined ? written : fieldWithout(keptBack, name, written)
      if (typeof value === 'string') fields.push(name, value)
      else if (value !== undefined) for (const each of value) fields.push(name, each)
    }
    if (incoming.te !== undefined && /\btrailers\b/i.test(String(incoming.te))) fields.push('te', 'trailers')
    if (contentLength !== undefined) fields.push('content-length', String(contentLength))
    for (let i = 0; i < identity.length; i += 2) {
      // Names and values alternate, so both are there. What the operator sets has the last word.
      if (!edit?.drop.has(identity[i]!)) fields.push(identity[i]!, identity[i + 1]!)
    }
    if (edit === undefined) appendForwarded(fields, origin, incoming)
    else appendEdited(fields, origin, incoming, edit, facts)
    this.#fields = fields
  }

  /**
   * The fields for one attempt, with the time that is left until an answer must have begun, and of a gRPC call, the answer of which
   * may go on for longer than that, until it is over.
   */
  forAttempt(remainingMs: number, callMs?: number): string[] {
    this.#fields[1] = String(wholeMs(remainingMs))
    // A gRPC deadline has at most eight digits.
    if (callMs !== undefined) this.#fields[3] = `${Math.min(wholeMs(callMs), 99_999_999)}m`
    return this.#fields
  }
}

const wholeMs = (ms: number) => Math.max(1, Math.floor(ms))

/** To many services x_user_id is x-user-id: what is handed to them in variables has one name for both (RFC 3875 section 4.1.18). */
const isWithheld = (withheld: ReadonlySet<string>, name: string) =>
  withheld.has(name) || (/[^a-z0-9-]/.test(name) && withheld.has(name.replace(/[^a-z0-9]/g, '-')))

/** The operator writes a Host of its own, or wants the client's gone: a request has one (RFC 9112 section 3.2). */
const namesHost = (edit: Route['requestEdit']) =>
  edit !== undefined && (edit.drop.has('host') || edit.append.some(([name]) => name === 'host'))

function appendEdited(
  fields: string[],
  origin: Origin,
  incoming: IncomingHttpHeaders,
  edit: NonNullable<Route['requestEdit']>,
  facts: Facts | undefined
) {
  const forwarded: string[] = []
  appendForwarded(forwarded, origin, incoming)
  for (let i = 0; i < forwarded.length; i += 2) {
    // Names and values alternate, so both are there.
    if (!edit.drop.has(forwarded[i]!)) fields.push(forwarded[i]!, forwarded[i + 1]!)
  }
  for (const [name, value] of edit.append) {
    const text = typeof value === 'string' ? value : facts && value(facts)
    if (text !== undefined) fields.push(name, text)
  }
}
