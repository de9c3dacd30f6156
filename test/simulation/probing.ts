import type { Check, CheckFailure, CheckResult } from '../../src/health/check.ts'
import type { Scheduler } from '../../src/time/scheduler.ts'
import type { Condition } from './network.ts'

/** How long a check takes, and how long one may take that gets no answer. */
const answerMs = 1
const timeoutMs = 1000

/** Asks what a target's place in the network is like, in the place of an HTTP check. */
export function conditionCheck(scheduler: Scheduler, condition: () => Condition): Check {
  return {
    run(done) {
      const state = condition()
      const waits = state === 'silent' || state === 'unreachable'
      return scheduler.after(waits ? timeoutMs : answerMs, () => done(resultOf(state)))
    },
    close() {}
  }
}

function resultOf(state: Condition): CheckResult {
  switch (state) {
    case 'well':
      return { ok: true, text: 'status 200' }
    case 'refusing':
      return failed('refused')
    case 'unreachable':
      return failed('connect-timeout')
    case 'silent':
      return failed('timeout')
    case 'resetting':
    case 'breaking':
      return failed('reset')
    default:
      return state.status < 400 ? { ok: true, text: `status ${state.status}` } : failed('status')
  }
}

const failed = (failure: CheckFailure): CheckResult => ({ ok: false, failure, text: failure })
