import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { isPausing, pauseMs, renewAt } from '../../../src/acme/renewal.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { certificate } from '../../support/certificate.ts'

const minute = 60_000

test('a certificate is renewed when a third of its time is left, or a little sooner', () => {
  const of = new X509Certificate(certificate({ names: ['a'], from: '260101', to: '260331' }).cert)
  const [from, to] = [of.validFromDate.getTime(), of.validToDate.getTime()]
  assert.ok(Math.abs(renewAt(of, () => 0) - (to - (to - from) / 3)) <= 1)
  const random = seededRandom(1)
  for (let times = 0; times < 100; times++) {
    const left = (to - renewAt(of, random)) / (to - from)
    assert.ok(left >= 1 / 3 && left < 1 / 3 + 1 / 30)
  }
})

test('pauses grow from a minute to some hours, and are at least what the authority asks for', () => {
  const shortest = [1, 2, 3, 4, 5, 6, 7, 50].map(failures => pauseMs(failures, () => 0) / minute)
  assert.deepEqual(shortest, [1, 3, 9, 27, 81, 243, 360, 360])
  assert.equal(
    pauseMs(1, () => 0.5),
    1.25 * minute
  )
  assert.equal(
    pauseMs(1, () => 0, 5 * minute),
    5 * minute
  )
  assert.equal(
    pauseMs(3, () => 0, minute),
    9 * minute
  )
  assert.equal(
    pauseMs(1, () => 0, Number.MAX_SAFE_INTEGER),
    7 * 24 * 60 * minute
  )
})

test('a pause that a wrong clock wrote down is not waited for', () => {
  assert.ok(isPausing(1001, 1000))
  assert.ok(!isPausing(1000, 1000))
  assert.ok(!isPausing(1e15, 1000))
})
