import type { Scheduler } from '../../src/time/scheduler.ts'
import type { Draw } from './distributions.ts'

/**
 * Clients that send when they want to, however slow the answers are: what comes from many users. `gap` draws the time to the
 * next request; asked anew each time, so the rate may change with time. Ends `forMs` after its start.
 */
export function openLoop(scheduler: Scheduler, gap: Draw, forMs: number, send: () => void): void {
  const endsAt = scheduler.now() + forMs
  const next = () => {
    const gapMs = gap()
    if (scheduler.now() + gapMs >= endsAt) return
    scheduler.after(gapMs, () => {
      send()
      next()
    })
  }
  next()
}
