import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AcmeTerms } from './acme/options.ts'
import type { ObtainedCertificate } from './model/obtained-certificate.ts'
import type { PemFollower } from './model/pem.ts'
import type { ConnectionLimit } from './security/connection-limit.ts'
import type { CertificateTerm, ServerTls } from './transport/certificates.ts'
import type { ConnectionRefusal } from './transport/refused.ts'

/** What answers requests: `app.routing` of a Fastify app. */
export type App = (request: IncomingMessage, response: ServerResponse) => void

/** Milliseconds. */
export interface ServerTimeouts {
  /** For a client to send the fields of a request. */
  readonly headersMs: number
  /** Between two requests of a connection. */
  readonly keepAliveMs: number
}

export interface Address {
  readonly host: string
  readonly port: number
  /** Whether TLS is spoken there. */
  readonly secure?: boolean
}

/** Where clients connect to, and what lies between a connection and HTTP. */
export interface Listener extends Address {
  readonly tls?: ServerTls & { readonly acme?: AcmeTerms }
  /** Connections begin with a PROXY header. */
  readonly proxyProtocol?: boolean
  /** Absent: HTTP/1 alone is spoken. Else how many streams a connection may have at once. */
  readonly http2?: { readonly maxStreams: number }
  /** Every request is sent to https at this port. */
  readonly redirectPort?: number
}

/** What listeners with TLS or a PROXY header need, and who is told of what they refuse. */
export interface Doors {
  readonly files: PemFollower
  /** How many connections an address may have open. */
  readonly limit?: ConnectionLimit
  /** Whether what a peer says of a client is believed. */
  trusted(address: string): boolean
  /** A connection that did not come as far as HTTP. `listener` is the address as it is bound. */
  turnedAway(listener: string, reason: ConnectionRefusal): void
  /** A request that a listener answered by itself. */
  answered(method: string, status: number): void
  /** What a listener shows its clients, whenever somebody asks. */
  shows(terms: () => readonly CertificateTerm[]): void
  obtained(terms: AcmeTerms): ObtainedCertificate
  /** Undefined: the target is no challenge of ACME. Otherwise resolves with the answer, or undefined where there is none. */
  challenge?(method: string | undefined, target: string | undefined): Promise<string | undefined> | undefined
}

export const noDoors: Doors = {
  files: { follow() {} },
  trusted: () => false,
  turnedAway() {},
  answered() {},
  shows() {},
  obtained: () => ({ current: undefined, onChange() {} })
}
