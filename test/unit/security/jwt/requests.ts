import type { IncomingHttpHeaders } from 'node:http'
import type { CredentialRequest } from '../../../../src/model/authenticator.ts'

/** A request that shows what the test is about. */
export function showing(headers: IncomingHttpHeaders, search = ''): CredentialRequest {
  return { method: 'GET', headers, search, path: '/', host: 'shop.test', ip: '192.0.2.7' }
}
