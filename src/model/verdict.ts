import type { Outcome } from './outcome.ts'

/** How every policy reads an outcome, so that breaker, retry and metrics cannot disagree. */
export type Verdict = 'success' | 'failure' | 'ignored'

/** 501 and 505 say what the server will never do, which is no sign of ill health. */
const neverRepaired: ReadonlySet<number> = new Set([501, 505])

/** A status below 500 is the client's affair and the target's success. */
export function judge(outcome: Outcome): Verdict {
  switch (outcome.kind) {
    case 'response':
      return outcome.status >= 500 && !neverRepaired.has(outcome.status) ? 'failure' : 'success'
    case 'failure':
      return 'failure'
    case 'aborted':
      return 'ignored'
  }
}
