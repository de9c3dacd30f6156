import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Gate } from '../../../src/model/gate.ts'
import { Maintenance } from '../../../src/upstream/maintenance.ts'
import { target } from '../fixtures/targets.ts'

const [a, b] = [target('a'), target('b')]
const when = '2026-01-01T12:00:00.000Z'

test('a target that is drained gets nothing, and everybody can see by whom and since when', () => {
  const maintenance = new Maintenance()
  assert.deepEqual([maintenance.quiet, maintenance.refusal(a)], [true, undefined])
  maintenance.drain(a, '192.0.2.7', when)
  assert.equal(maintenance.quiet, false)
  assert.equal(maintenance.refusal(a), `drained by 192.0.2.7 at ${when}`)
  assert.deepEqual(maintenance.orderFor(a), { action: 'drain', who: '192.0.2.7', when })
  assert.deepEqual([maintenance.refusal(b), maintenance.orderFor(b)], [undefined, undefined])
})

test('the last word counts, and enabling one that is not drained is harmless', () => {
  const returned: unknown[] = []
  const maintenance = new Maintenance((...told) => returned.push(told))
  maintenance.enable(a, 1)
  maintenance.drain(a, 'one', when)
  maintenance.drain(a, 'other', when)
  assert.equal(maintenance.orderFor(a)?.who, 'other')
  maintenance.enable(a, 2)
  assert.deepEqual(returned, [[a, 2]])
  assert.deepEqual([maintenance.quiet, maintenance.refusal(a), maintenance.orderFor(a)], [true, undefined, undefined])
})

test('is nothing that panic overrules, nor a limit', () => {
  const maintenance: Gate = new Maintenance()
  assert.deepEqual([maintenance.ignoredInPanic, maintenance.isLimit], [undefined, undefined])
})
