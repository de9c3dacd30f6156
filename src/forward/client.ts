import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { GatewayError } from '../model/errors.ts'
import type { Origin } from './forwarded.ts'
import type { ResponseFields } from './response-headers.ts'

/** The client's side of an exchange: where its request is read and its one answer goes. */
export interface Client {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly origin: Origin
  /** A complete answer; undefined is none, as for HEAD. */
  send(status: number, fields: ResponseFields, body: Buffer | undefined): void
  stream(status: number, fields: ResponseFields, body: Readable): void
  fail(error: GatewayError): void
}
