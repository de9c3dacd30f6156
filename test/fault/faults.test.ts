import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evergate } from './candidates/evergate.ts'
import { answerFaults } from './faults/answers.ts'
import { processFaults } from './faults/processes.ts'
import { play } from './play.ts'

/** Only counts are asserted: they hold on a machine of any speed, and `npm run fault` judges the latencies. */
const seconds = 2
const rate = 100

for (const name of ['kill -9 one, 20 % POST', 'one refuses connections', 'one resets 30 %']) {
  test(`no GET fails and no POST acts twice: ${name}`, async t => {
    const fault = [...processFaults, ...answerFaults].find(each => each.name === name)
    assert.ok(fault !== undefined)
    const slower = { ...fault, load: { ...fault.load, rate } }
    const metrics = await play(slower, evergate, seconds, t.signal)
    assert.ok(metrics.requests > rate, `only ${metrics.requests} requests ended after the fault`)
    assert.equal(metrics.failedGets, 0, JSON.stringify(metrics.reasons))
    assert.equal(metrics.duplicates, 0)
  })
}
