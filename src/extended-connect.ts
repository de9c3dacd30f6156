import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { setUpgrade } from './forward/upgrade.ts'
import type { Http2Request } from './transport/http2-request.ts'
import type { Http2Response } from './transport/http2-response.ts'
import { mayBeAsked } from './upgrade.ts'

/** RFC 6455 section 1.3. */
const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/**
 * Takes the wish of a request that came in HTTP/2 (RFC 8441). A WebSocket of HTTP/1.1 has a key, of so many hexadecimal digits here,
 * whose hash the target is to give back: within HTTP/2 nobody else would ask for it.
 */
export function receiveConnect(request: Http2Request, response: Http2Response, key: string): void {
  const { protocol: asked, headers } = request
  if (asked === undefined || !mayBeAsked(asked)) return
  const isWebSocket = asked.toLowerCase() === 'websocket'
  if (isWebSocket) headers['sec-websocket-key'] = Buffer.from(key, 'hex').toString('base64')
  const proof = createHash('sha1').update(`${headers['sec-websocket-key']}${webSocketGuid}`).digest('base64')
  // It has all that is asked of an IncomingMessage.
  setUpgrade(request as unknown as IncomingMessage, {
    protocols: asked,
    proves: answered => !isWebSocket || answered['sec-websocket-accept'] === proof,
    // RFC 9110 section 9.3.6: any 2xx to CONNECT begins a tunnel.
    isGrantedBy: status => status >= 200 && status < 300,
    accept: ({ 'sec-websocket-accept': _proof, ...fields }) => response.switch(fields)
  })
}
