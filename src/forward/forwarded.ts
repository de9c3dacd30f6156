import type { IncomingHttpHeaders } from 'node:http'

/** Where a request came from, as the gateway knows it. */
export interface Origin {
  readonly requestId: string
  /** The address at the other end of the connection. */
  readonly peer: string
  /** The peer is in `trustProxy`: what it says of the client is kept. */
  readonly trusted: boolean
  readonly protocol: 'http' | 'https'
  /** The Host that the client asked for. */
  readonly host: string
  readonly httpVersion: string
  /** This gateway's name in Via: unlike any other gateway's, so that a loop is known from a chain. */
  readonly pseudonym: string
  readonly traceparent: string
}

const strangersWord: ReadonlySet<string> = new Set(['forwarded', 'traceparent', 'tracestate', 'x-real-ip'])
const alwaysOurs: ReadonlySet<string> = new Set(['via', 'x-request-id', 'x-request-timeout-ms', 'x-forwarded-for', 'forwarded'])

/** True for a field that speaks of the way a request took, and is either written anew or not to be believed. */
export function isReplaced(name: string, trusted: boolean): boolean {
  if (alwaysOurs.has(name)) return true
  return !trusted && (strangersWord.has(name) || name.startsWith('x-forwarded-'))
}

/** Appends the fields that tell an upstream of the client, as name, value, name, value. */
export function appendForwarded(fields: string[], origin: Origin, incoming: IncomingHttpHeaders): void {
  const { peer, trusted, protocol, host } = origin
  const before = trusted ? incoming : {}
  fields.push('x-request-id', origin.requestId)
  fields.push('x-forwarded-for', joined(before['x-forwarded-for'], peer))
  if (before['x-forwarded-proto'] === undefined) fields.push('x-forwarded-proto', protocol)
  if (before['x-forwarded-host'] === undefined) fields.push('x-forwarded-host', host)
  fields.push('forwarded', joined(before['forwarded'], `for=${node(peer)};host="${quotable(host)}";proto=${protocol}`))
  fields.push('via', joined(incoming['via'], `${origin.httpVersion} ${origin.pseudonym}`))
  if (before['traceparent'] === undefined) fields.push('traceparent', origin.traceparent)
}

const joined = (before: string | string[] | undefined, own: string) => (before === undefined ? own : `${before}, ${own}`)

/** RFC 7239 section 6: an IPv6 address stands in brackets and quotes. */
const node = (address: string) => (address.includes(':') ? `"[${address}]"` : address)

/** What may stand between quotes as it is: no host name has a quote or a backslash. */
const quotable = (text: string) => (text.includes('"') || text.includes('\\') ? 'unknown' : text)
