import type { RetryRules } from '../model/group.ts'
import { isIdempotent } from '../model/methods.ts'
import type { FailureReason, Outcome } from '../model/outcome.ts'
import type { Repeatable } from '../model/plan.ts'

/** The names that `retry.on` takes, for each reason; what was never sent is `connect`, whatever its reason. */
const ruleFor: Record<FailureReason, string> = {
  refused: 'connect',
  'connect-timeout': 'connect',
  tls: 'connect',
  reset: 'reset',
  protocol: 'reset',
  timeout: 'timeout'
}

/**
 * Whether an outcome may be followed by another attempt without a side effect happening twice (RFC 9110 section 9.2.2): any
 * method while nothing was sent, then only those that are idempotent, or what the rules allow besides.
 */
export function mayRepeat(outcome: Outcome, request: Repeatable, rules: RetryRules): boolean {
  if (outcome.kind === 'aborted' || !request.replayable) return false
  const listed = rules.on.has(outcome.kind === 'response' ? outcome.status : outcome.sent ? ruleFor[outcome.reason] : 'connect')
  if (!listed || isAskedNotTo(outcome)) return false
  return neverSent(outcome) || isIdempotent(request.method) || allowsUnsafe(rules, request)
}

/** An attempt that cost its target nothing: it is free of the budget, and no reason to wait. */
export const neverSent = (outcome: Outcome): boolean => outcome.kind === 'failure' && !outcome.sent

/** The target does not want it to be asked again, of anybody (gRPC Retry Design, Pushback). */
const isAskedNotTo = (outcome: Outcome) => outcome.kind === 'response' && outcome.retryAfterMs === Number.POSITIVE_INFINITY

const allowsUnsafe = (rules: RetryRules, request: Repeatable) =>
  rules.unsafe === true || (rules.unsafe === 'idempotency-key' && request.hasIdempotencyKey)
