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

/** Whether these are the fields of a gRPC answer (gRPC over HTTP/2, Responses). */
export const isGrpc = (headers: IncomingHttpHeaders): boolean => /^application\/grpc\b/i.test(headers['content-type'] ?? '')

/** What `grpc-status` among headers (an answer of trailers alone) or trailers stands for; undefined where there is none. */
export function grpcOutcome(fields: IncomingHttpHeaders): number | undefined {
  const status = fields['grpc-status']
  if (status === undefined) return undefined
  // What is no known number is UNKNOWN (gRPC status codes, "Status codes and their use in gRPC").
  return httpStatuses[/^\d{1,2}$/.test(String(status)) ? Number(status) : 2] ?? 500
}
