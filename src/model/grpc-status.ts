import type { IncomingHttpHeaders } from 'node:http'

/**
 * The HTTP status that stands for a gRPC status, by its number: google/rpc/code.proto, which Envoy judges answers by, too
 * (`Grpc::Utility::grpcToHttpStatus`).
 */
const httpStatuses = [
  200, // OK
  499, // CANCELLED
  500, // UNKNOWN
  400, // INVALID_ARGUMENT
  504, // DEADLINE_EXCEEDED
  404, // NOT_FOUND
  409, // ALREADY_EXISTS
  403, // PERMISSION_DENIED
  429, // RESOURCE_EXHAUSTED
  400, // FAILED_PRECONDITION
  409, // ABORTED
  400, // OUT_OF_RANGE
  501, // UNIMPLEMENTED
  500, // INTERNAL
  503, // UNAVAILABLE
  500, // DATA_LOSS
  401 // UNAUTHENTICATED
]

/** Whether this is a gRPC answer, which says how it ended in `grpc-status` (gRPC over HTTP/2, Responses). */
export const isGrpc = (status: number, headers: IncomingHttpHeaders): boolean =>
  status === 200 && /^application\/grpc\b/i.test(headers['content-type'] ?? '')

/**
 * What `grpc-status` in the headers (of an answer of trailers alone) or in the trailers of such an answer stands for; undefined
 * where there is none.
 */
export function grpcMeaning(status: number, headers: IncomingHttpHeaders, fields: IncomingHttpHeaders): number | undefined {
  const grpcStatus = fields['grpc-status']
  if (grpcStatus === undefined || !isGrpc(status, headers)) return undefined
  // What is no known number is UNKNOWN (gRPC, Status codes and their use).
  return httpStatuses[/^\d{1,2}$/.test(String(grpcStatus)) ? Number(grpcStatus) : 2] ?? 500
}

/**
 * Milliseconds that a gRPC answer asks to be left alone for: forever where the number is none, or below 0 (gRPC Retry Design,
 * Pushback). Undefined where it does not say.
 */
export function pushbackMs(status: number, headers: IncomingHttpHeaders): number | undefined {
  const field = headers['grpc-retry-pushback-ms']
  if (field === undefined || !isGrpc(status, headers)) return undefined
  return /^\d{1,10}$/.test(String(field)) ? Number(field) : Number.POSITIVE_INFINITY
}
