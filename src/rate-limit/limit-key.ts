import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Consumer } from '../model/consumer.ts'
import { addressKey } from './address-key.ts'

/** What of a request decides whom it is counted with. */
export interface CountedRequest {
  readonly headers: IncomingHttpHeaders
  readonly ip: string
  /** Absent or null: nobody knows. */
  readonly consumer?: Consumer | null
}

/** Reads a text of a request that the requests of one client have in common; undefined where it has none. */
export type PluginKey<Request> = (request: Request) => string | number | undefined

/** The key of a request, never long. */
export type LimitKey = (request: CountedRequest) => string

/** Whether a limit is counted by what is known only once it is known who asks. */
export const needsIdentity = (by: string): boolean => !(by === 'ip' || by === 'route' || by.startsWith('header:'))

/**
 * How requests are told apart. One that lacks what is asked for is counted by its address: else whoever leaves a header away had no
 * limit, or had one together with everybody else who does. `pluginKey` is asked for `plugin:NAME`.
 */
export function limitKey(by: string, pluginKey: (request: CountedRequest) => string | number | undefined): LimitKey {
  const name = by.slice(by.indexOf(':') + 1)
  if (by === 'ip') return ({ ip }) => addressKey(ip ?? '')
  if (by === 'route') return () => ''
  if (by.startsWith('header:')) return request => named(textOf(request.headers[name]), request)
  if (by === 'consumer') return request => named(request.consumer?.name, request)
  if (by.startsWith('claim:')) return request => named(claimOf(request.consumer, name), request)
  return request => {
    const key = pluginKey(request)
    return named(key === undefined ? undefined : String(key), request)
  }
}

/** What a client says can never be what stands for another's address. */
const named = (text: string | undefined, { ip }: CountedRequest) =>
  text === undefined || text === '' ? `@${addressKey(ip ?? '')}` : `=${short(text)}`

const longest = 40

/** A long text by its digest, which is longer than what stands for itself. */
function short(text: string): string {
  return text.length <= longest ? text : `#${createHash('sha256').update(text).digest('base64url')}`
}

const textOf = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join(', ') : value)

function claimOf(consumer: Consumer | null | undefined, name: string): string | undefined {
  const claim = consumer?.claims[name]
  return claim === undefined || claim === null ? undefined : typeof claim === 'string' ? claim : JSON.stringify(claim)
}
