import type { TestContext } from 'node:test'
import { Remote } from '../../../src/credentials/remote.ts'
import type { CredentialEvent } from '../../../src/credentials/report.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'

/** Somebody who is asked, in time that stands still; gone with the test. */
export function asking(t: TestContext, url: string, timeoutMs = 1000) {
  const scheduler = new VirtualScheduler()
  const events: CredentialEvent[] = []
  const remote = new Remote(url, timeoutMs, { scheduler, report: event => events.push(event) })
  t.after(() => remote.close())
  return { remote, scheduler, events }
}
