import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Trial } from '../../../../src/health/checks/trial.ts'
import { VirtualScheduler } from '../../../../src/time/scheduler.ts'

function tried() {
  const scheduler = new VirtualScheduler()
  const events: string[] = []
  const trial = new Trial<string>(
    { scheduler, timeoutMs: 1000 },
    result => void events.push(result),
    awaited => `no ${awaited}`,
    () => void events.push('let go')
  )
  return { scheduler, events, trial }
}

describe('a run of a check', () => {
  test('ends by its result, once', () => {
    const { scheduler, events, trial } = tried()
    trial.end('passed')
    trial.end('again')
    scheduler.advance(5000)
    assert.deepEqual([events, trial.over], [['let go', 'passed'], true])
  })

  test('ends by its time, with a word on what did not come', () => {
    const { scheduler, events, trial } = tried()
    trial.awaits = 'answer'
    scheduler.advance(999)
    assert.deepEqual(events, [])
    scheduler.advance(1)
    trial.end('passed')
    assert.deepEqual(events, ['let go', 'no answer'])
  })

  test('given up, it tells nothing', () => {
    const { scheduler, events, trial } = tried()
    trial.giveUp()
    trial.giveUp()
    scheduler.advance(5000)
    assert.deepEqual(events, ['let go'])
  })
})
