/** Whose doing an error is. */
export type Fault = 'client' | 'upstream' | 'gateway'

interface ErrorKind {
  readonly status: number
  readonly title: string
  readonly fault: Fault
}

/** Every error that the gateway answers itself. docs/errors.md is generated from this table. */
export const errorTable = {
  EG_BAD_REQUEST: { status: 400, title: 'The request is malformed', fault: 'client' },
  EG_UNAUTHENTICATED: { status: 401, title: 'Credentials are missing or not valid', fault: 'client' },
  EG_FORBIDDEN: { status: 403, title: 'Not allowed', fault: 'client' },
  EG_NO_ROUTE: { status: 404, title: 'No route matches', fault: 'client' },
  EG_METHOD: { status: 405, title: 'The method is not allowed here', fault: 'client' },
  EG_CLIENT_TIMEOUT: { status: 408, title: 'The request did not come in time', fault: 'client' },
  EG_BODY_TOO_LARGE: { status: 413, title: 'The body is too large', fault: 'client' },
  EG_URI_TOO_LONG: { status: 414, title: 'The request target is too long', fault: 'client' },
  EG_RATE_LIMITED: { status: 429, title: 'Too many requests', fault: 'client' },
  EG_HEADERS_TOO_LARGE: { status: 431, title: 'The header fields are too large', fault: 'client' },
  EG_INTERNAL: { status: 500, title: 'The gateway failed', fault: 'gateway' },
  EG_NOT_IMPLEMENTED: { status: 501, title: 'Not supported', fault: 'client' },
  EG_UPSTREAM_FAILED: { status: 502, title: 'The service behind the gateway failed', fault: 'upstream' },
  EG_NO_TARGET: { status: 503, title: 'No server is available for this request', fault: 'upstream' },
  EG_OVERLOADED: { status: 503, title: 'Too busy', fault: 'gateway' },
  EG_DRAINING: { status: 503, title: 'The gateway is shutting down', fault: 'gateway' },
  EG_TIMEOUT: { status: 504, title: 'The service behind the gateway did not answer in time', fault: 'upstream' },
  EG_LOOP: { status: 508, title: 'The request has been here before', fault: 'client' }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof errorTable

/** An answer that the gateway makes itself. `detail` is shown to the client: never an address or another's message. */
export class GatewayError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ErrorCode, detail?: string, headers: Readonly<Record<string, string>> = {}) {
    super(detail ?? '')
    this.name = 'GatewayError'
    this.code = code
    this.status = errorTable[code].status
    this.headers = headers
  }
}

/** RFC 9457 problem details, as JSON text. */
export function problemText(code: ErrorCode, requestId: string, detail?: string): string {
  const { status, title } = errorTable[code]
  const type = `urn:evergate:error:${code}`
  return JSON.stringify({ type, title, status, ...(detail ? { detail } : {}), code, requestId })
}

export const problemType = 'application/problem+json; charset=utf-8'
