const unitMs: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** Milliseconds that a `grpc-timeout` field gives (gRPC over HTTP/2, Requests); undefined for anything else. At least 1. */
export function grpcTimeoutMs(field: string | string[] | undefined): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(field)) ?? []
  const each = unitMs[unit]
  return amount === undefined || each === undefined ? undefined : Math.max(1, Number(amount) * each)
}
