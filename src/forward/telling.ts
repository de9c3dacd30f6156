import type { IncomingHttpHeaders } from 'node:http'
import { grpcMeaning, isGrpc } from '../model/grpc-status.ts'
import { judge } from '../model/verdict.ts'
import type { LiveAttempt } from './live-attempt.ts'

/** Tells the group that an attempt begins. */
export function tellStart(live: LiveAttempt, now: number): void {
  for (const observer of live.group.observers) observer.started?.(live, now)
}

/** Tells it what the attempt came to. */
export function tellVerdict(live: LiveAttempt, now: number): void {
  if (live.outcome === undefined) return
  live.owesVerdict = false
  const verdict = judge(live.outcome)
  for (const observer of live.group.observers) observer.judged?.(live, verdict, now)
}

/** The answer goes to the client from now on. One of gRPC is judged by its first message, or by its trailers. */
export function tellAnswering(live: LiveAttempt, now: number): void {
  if (isGrpc(live.status, live.headers)) live.owesVerdict = true
  else tellVerdict(live, now)
}

/** All of a streamed answer has come. */
export function tellAnswered(live: LiveAttempt, trailers: IncomingHttpHeaders, now: number): void {
  const status = grpcMeaning(live.status, live.headers, trailers)
  if (status !== undefined) live.outcome = { kind: 'response', status }
  if (live.owesVerdict || (status ?? 0) >= 500) tellVerdict(live, now)
}

/** Tells the group that the target has nothing more to do with the attempt. */
export function tellEnd(live: LiveAttempt, now: number): void {
  live.endedAt = now
  for (const observer of live.group.observers) observer.ended?.(live, now)
}
