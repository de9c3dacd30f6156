import type { Duplex } from 'node:stream'
import type { Exchange } from '../model/exchange.ts'
import type { TunnelTerms } from '../model/tunnelling.ts'
import type { LiveAttempt } from './live-attempt.ts'
import type { ResponseFields } from './response-headers.ts'

/** The fields of an answer after which no HTTP comes: what they say of its body says nothing (RFC 9110 section 8.6). */
export function switchingFields({ 'content-length': _length, trailer: _trailer, ...fields }: ResponseFields): ResponseFields {
  return fields
}

/** What a tunnel between a client and the target of an attempt is. `ended` hears once that an end of it is gone. */
export function tunnelTerms(
  { group }: LiveAttempt,
  exchange: Exchange,
  ends: { readonly client: Duplex; readonly target: Duplex; readonly protocol: string },
  ended: () => void
): TunnelTerms {
  return {
    client: ends.client,
    target: ends.target,
    isWebSocket: ends.protocol.toLowerCase() === 'websocket',
    route: exchange.route.prefix,
    idleMs: group.timeouts.tunnelMs,
    ended: (fromClient, fromTarget) => {
      exchange.tunnelled = { fromClient, fromTarget }
      ended()
    }
  }
}
