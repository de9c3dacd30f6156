import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultRule } from '../../../src/fault/fault-rule.ts'
import type { FaultSettings } from '../../../src/fault/options.ts'
import { seededRandom } from '../../../src/time/random.ts'

const rule = (more: Partial<FaultSettings> = {}) => new FaultRule({ share: 1, when: { headers: {}, query: {} }, ...more })
const request = { headers: {}, search: '' }

test('a delay is drawn from its range', () => {
  const random = seededRandom(3)
  const ranged = rule({ delay: [100, 300] })
  const delays = Array.from({ length: 1000 }, () => ranged.draw(request, random)?.delayMs ?? Number.NaN)
  assert.ok(delays.every(ms => ms >= 100 && ms < 300))
  assert.ok(Math.min(...delays) < 110 && Math.max(...delays) > 290)
  assert.deepEqual(rule({ delay: [200, 200] }).draw(request, random), { delayMs: 200, abort: undefined })
})

test('a share of the requests gets the fault', () => {
  const random = seededRandom(5)
  const some = rule({ abort: 503, share: 0.25 })
  const count = Array.from({ length: 4000 }, () => some.draw(request, random)).filter(fault => fault?.abort === 503).length
  assert.ok(count > 880 && count < 1120, String(count))
  assert.equal(
    rule({ abort: 503, share: 0 }).draw(request, () => 0),
    undefined
  )
})

test('only those that are meant get it, and only they are drawn', () => {
  let draws = 0
  const counting = () => {
    draws++
    return 0
  }
  const meant = rule({ abort: 'reset', share: 0.5, when: { headers: { 'x-fault': 'yes' }, query: { f: '1' } } })
  assert.equal(meant.draw({ headers: { 'x-fault': 'yes' }, search: 'f=2' }, counting), undefined)
  assert.equal(meant.draw({ headers: { 'x-fault': ['yes'] }, search: 'f=1' }, counting), undefined)
  assert.equal(draws, 0)
  assert.deepEqual(meant.draw({ headers: { 'x-fault': 'yes' }, search: 'g=0&f=1' }, counting), { delayMs: 0, abort: 'reset' })
  assert.equal(draws, 1)
})
