import type { IncomingMessage, ServerResponse } from 'node:http'
import { refuse } from './refusal.ts'

/**
 * Answers every request with 308 (RFC 9110 section 15.4.9: the method and the body stay) and the same host, path and query under
 * https. Who names no host, or no path, is sent nowhere: 400.
 */
export function redirectToHttps(port: number, request: IncomingMessage, response: ServerResponse, requestId: string): number {
  const location = locationOf(request, port)
  if (location === undefined) {
    refuse(response, 'EG_BAD_REQUEST', requestId)
    return 400
  }
  response.writeHead(308, { location, 'content-length': 0, 'x-request-id': requestId }).end()
  return 308
}

function locationOf({ headers, url = '' }: IncomingMessage, port: number): string | undefined {
  // RFC 9112 section 3.2.2: what a target in absolute form says counts, not Host.
  const [, authority = headers.host ?? '', path = ''] = /^(?:https?:\/\/([^/?#]*))?(\/[^#]*|(?=\?)[^#]*|$)/i.exec(url) ?? []
  const [, host] = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?$/i.exec(authority) ?? []
  if (host === undefined || !/^(?:\/|https?:)/i.test(url)) return undefined
  return `https://${host}${port === 443 ? '' : `:${port}`}${path.startsWith('/') ? '' : '/'}${path}`
}
