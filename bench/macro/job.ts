// What the benchmark asks of its load process, and what it answers. Both travel as JSON between the processes.

/** One request as it is sent over and over. The body, where there is one, is `bodyBytes` long. */
export type WireRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly bodyBytes: number
  /** Besides those that every request has. */
  readonly headers?: Readonly<Record<string, string>>
}

/** A closed loop: each connection sends its next request when the last was answered; `requests` are taken in turn. */
export type RateJob = {
  readonly kind: 'rate'
  readonly port: number
  readonly requests: readonly WireRequest[]
  readonly connections: number
  readonly durationMs: number
  readonly candidatePid: number
  readonly upstreamPid: number
}

/** One long body in one direction over one connection, while the candidate's resident memory is watched. */
export type StreamJob = {
  readonly kind: 'stream'
  readonly port: number
  readonly direction: 'up' | 'down'
  readonly mebibytes: number
  readonly candidatePid: number
}

export type Job = RateJob | StreamJob

/** `failures` are connections that broke and answers that are not 2xx. Times that need /proc are absent without it. */
export type RateResult = {
  readonly kind: 'rate'
  readonly seconds: number
  readonly answers: number
  readonly failures: number
  readonly receivedBytes: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly candidateCpuSeconds: number | undefined
  readonly loadCpuSeconds: number | undefined
}

export type StreamResult = {
  readonly kind: 'stream'
  readonly seconds: number
  readonly complete: boolean
  readonly beforeBytes: number | undefined
  readonly mostBytes: number | undefined
}

export type JobResult = RateResult | StreamResult
