import type { Duplex } from 'node:stream'
import type { Exchange } from '../model/exchange.ts'
import type { TunnelTerms } from '../model/tunnelling.ts'
import type { LiveAttempt } from './live-attempt.ts'

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
