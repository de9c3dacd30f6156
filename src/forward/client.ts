import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { GatewayError } from '../model/errors.ts'
import type { Origin } from './forwarded.ts'
import type { ResponseFields } from './response-headers.ts'
import type { Upgrade } from './upgrade.ts'

/** The client's side of an exchange: where its request is read and its one answer goes. */
export interface Client {
  readonly request: IncomingMessage
  /** What goes upstream in place of the fields of its request; absent: these. */
  readonly headers?: IncomingHttpHeaders | undefined
  readonly response: ServerResponse
  readonly origin: Origin
  /** Absent: it wants nothing but an answer. */
  readonly upgrade?: Upgrade | undefined
  /** The client's own address, as far as trusted proxies tell. */
  readonly ip: string
  /** A complete answer; undefined is none, as for HEAD. */
  send(status: number, fields: ResponseFields, body: Buffer | undefined): void
  stream(status: number, fields: ResponseFields, body: Readable): void
  /** Tells it that its wish for an upgrade is granted. Throws where it had none. */
  switched(fields: ResponseFields, chosen: string): Duplex
  fail(error: GatewayError): void
}
