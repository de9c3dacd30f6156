import type { Scheduler } from '../../time/scheduler.ts'
import type { Check, CheckResult } from '../check.ts'
import type { Dialer } from './dial.ts'
import { failedOf, tooLate } from './failure.ts'
import { Trial } from './trial.ts'

/** Passes when a connection can be made, with its TLS handshake where the target speaks TLS. It is closed at once. */
export function tcpCheck(dialer: Dialer, scheduler: Scheduler, timeoutMs: number): Check {
  return {
    run(done) {
      const socket = dialer.dial()
      const trial = new Trial<CheckResult>(
        { scheduler, timeoutMs },
        done,
        awaited => tooLate(awaited, timeoutMs),
        () => socket.destroy()
      )
      socket.once(dialer.readyEvent, () => trial.end({ ok: true, text: 'connected' }))
      // It stays for errors that come after the end.
      socket.on('error', error => trial.end(failedOf(error, false)))
      return trial.giveUp
    },
    close() {}
  }
}
