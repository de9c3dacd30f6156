/** Whose doing an error is. */
export type Fault = 'client' | 'upstream' | 'gateway'

interface ErrorKind {
  readonly status: number
  readonly title: string
  readonly fault: Fault
  /** For docs/errors.md. */
  readonly when: string
}

/** Every error that the gateway answers itself. docs/errors.md is generated from this table. */
export const errorTable = {
  EG_BAD_REQUEST: {
    status: 400,
    title: 'The request is malformed',
    fault: 'client',
    when: 'the request is malformed, or its path can be read in more than one way'
  },
  EG_UNAUTHENTICATED: {
    status: 401,
    title: 'Credentials are missing or not valid',
    fault: 'client',
    when: 'the route needs credentials, see `WWW-Authenticate`'
  },
  EG_FORBIDDEN: {
    status: 403,
    title: 'Not allowed',
    fault: 'client',
    when: 'the credentials, the network, or the page that sends it, do not allow it'
  },
  EG_NO_ROUTE: {
    status: 404,
    title: 'No route matches',
    fault: 'client',
    when: 'no route matches host, path, headers and query'
  },
  EG_METHOD: {
    status: 405,
    title: 'The method is not allowed here',
    fault: 'client',
    when: 'routes match but for the method, see `Allow`'
  },
  EG_CLIENT_TIMEOUT: {
    status: 408,
    title: 'The request did not come in time',
    fault: 'client',
    when: 'the client did not send its request within `timeouts.headers`, `timeouts.request` or `body.timeout`'
  },
  EG_BODY_TOO_LARGE: {
    status: 413,
    title: 'The body is too large',
    fault: 'client',
    when: 'the body is above `body.max`, by its length or by counting'
  },
  EG_URI_TOO_LONG: {
    status: 414,
    title: 'The request target is too long',
    fault: 'client',
    when: 'the request target is too long'
  },
  EG_RATE_LIMITED: {
    status: 429,
    title: 'Too many requests',
    fault: 'client',
    when: 'a rate limit is used up, see `Retry-After`'
  },
  EG_HEADERS_TOO_LARGE: {
    status: 431,
    title: 'The header fields are too large',
    fault: 'client',
    when: 'the request line and fields are above 16 KiB, or the fields more than 100'
  },
  EG_INTERNAL: { status: 500, title: 'The gateway failed', fault: 'gateway', when: 'a plugin failed; the log says how' },
  EG_NOT_IMPLEMENTED: {
    status: 501,
    title: 'Not supported',
    fault: 'client',
    when: 'a transfer coding other than chunked; in HTTP/2 a CONNECT whose protocol is not spoken'
  },
  EG_UPSTREAM_FAILED: {
    status: 502,
    title: 'The service behind the gateway failed',
    fault: 'upstream',
    when: 'every attempt was refused, not connected in time, reset, not HTTP or not trusted'
  },
  EG_NO_TARGET: {
    status: 503,
    title: 'No server is available for this request',
    fault: 'upstream',
    when: 'every target is out: its breaker is open, or a plugin removed it; see `Retry-After`'
  },
  EG_OVERLOADED: {
    status: 503,
    title: 'Too busy',
    fault: 'gateway',
    when: 'a limit is reached and the queue is full; see `Retry-After`'
  },
  EG_AUTH_UNAVAILABLE: {
    status: 503,
    title: 'Credentials cannot be checked now',
    fault: 'upstream',
    when: 'whoever issues or knows the credentials was not reached, so that nobody can say whether they are good; see `Retry-After`'
  },
  EG_FAULT_INJECTED: {
    status: 503,
    title: 'A fault that was put in on purpose',
    fault: 'gateway',
    when: '`fault.abort` of the route says so; the status is the one that stands there'
  },
  EG_DRAINING: { status: 503, title: 'The gateway is shutting down', fault: 'gateway', when: 'the gateway is stopping' },
  EG_TIMEOUT: {
    status: 504,
    title: 'The service behind the gateway did not answer in time',
    fault: 'upstream',
    when: "no answer began within `timeouts.response` or the route's `timeout`, or `only-if-cached` asked for what is not kept"
  },
  EG_LOOP: { status: 508, title: 'The request has been here before', fault: 'client', when: '`Via` names this gateway already' }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorTable

/** An answer that the gateway makes itself. `detail` is shown to the client: never an address or another's message. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ErrorCode,
    detail?: string,
    headers: Readonly<Record<string, string>> = {},
    status: number = errorTable[code].status
  ) {
    super(detail ?? '')
    this.name = 'GatewayError'
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** RFC 9457 problem details, as JSON text. */
export function problemText(
  code: ErrorCode,
  requestId: string,
  detail?: string,
  status: number = errorTable[code].status
): string {
  const { title } = errorTable[code]
  const type = `urn:evergate:error:${code}`
  return JSON.stringify({ type, title, status, ...(detail ? { detail } : {}), code, requestId })
}

export const problemType = 'application/problem+json; charset=utf-8'
