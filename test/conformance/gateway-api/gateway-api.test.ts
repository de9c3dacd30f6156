import assert from 'node:assert/strict'
import { test } from 'node:test'
import { skipped } from './manifests.ts'
import { nameOf, outcomes } from './outcomes.ts'

test('the expectations of the Gateway API conformance tests hold, but for those with a reason', { skip: skipped }, async t => {
  const counts = { passed: 0, failed: 0, pending: 0, out: 0 }
  for await (const outcome of outcomes(t)) {
    counts[outcome.kind]++
    const { kind, why, wrong = [] } = outcome
    if (kind === 'failed') assert.notEqual(why, undefined, `${nameOf(outcome)}: ${wrong.join('; ')}`)
    if (kind === 'passed') assert.equal(why, undefined, `${nameOf(outcome)} holds: its reason in scope.ts is out of date`)
  }
  assert.ok(counts.passed > 200, `only ${counts.passed} hold`)
  t.diagnostic(`${counts.passed} hold, ${counts.failed} do not, ${counts.pending} wait, ${counts.out} are out of scope`)
})
