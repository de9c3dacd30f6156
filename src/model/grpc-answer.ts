import { type ErrorCode, errorTable } from './errors.ts'

/**
 * Statuses of gRPC for those of HTTP. Where there is a row in gRPC's own mapping
 * (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md) it is that, but for 504: it is made here because the
 * time is up, which has a name. Of the others: what a server of gRPC says of the same
 * (https://github.com/grpc/grpc/blob/master/doc/statuscodes.md).
 */
const statuses: Readonly<Record<number, number>> = {
  400: 13, // INTERNAL
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 12, // UNIMPLEMENTED
  405: 12,
  408: 4, // DEADLINE_EXCEEDED
  413: 8, // RESOURCE_EXHAUSTED
  414: 8,
  429: 14, // UNAVAILABLE
  431: 8,
  500: 13,
  501: 12,
  502: 14,
  503: 14,
  504: 4,
  508: 13
}

const unknown = 2

/** Whether a request is a call of gRPC, which understands no other answer than one of gRPC. */
export const isGrpc = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/grpc(?:$|[+;])/i.test(contentType)

/** The fields of an answer that is nothing but an error (gRPC over HTTP/2, Trailers-Only): its status is 200, and it has no body. */
export function grpcError(code: ErrorCode, detail?: string): Record<string, string> {
  const { status, title } = errorTable[code]
  return {
    'content-type': 'application/grpc',
    'content-length': '0',
    'grpc-status': String(statuses[status] ?? unknown),
    'grpc-message': percentEncoded(`${code}: ${detail || title}`)
  }
}

/** gRPC over HTTP/2, Percent-Encoded: what is not printable ASCII, and the percent sign. */
const percentEncoded = (text: string): string =>
  text.replace(/[^ -$&-~]+/gu, odd =>
    Buffer.from(odd)
      .toString('hex')
      .toUpperCase()
      .replace(/../g, byte => `%${byte}`)
  )
