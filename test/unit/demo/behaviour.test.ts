import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { demoServices, isDemoService, lastSegment, react } from '../../../src/demo/behaviour.ts'
import { seededRandom } from '../../../src/time/random.ts'

function reactions(name: (typeof demoServices)[number], count = 10_000) {
  const random = seededRandom(1)
  return Array.from({ length: count }, () => react(name, 'items', random))
}

describe('the demo services', () => {
  test('steady always answers at once', () => {
    assert.ok(reactions('steady').every(({ status, delayMs }) => status === 200 && delayMs === 0))
  })

  test('slow takes 100 to 300 ms for about one request in ten and never fails', () => {
    const all = reactions('slow')
    const late = all.filter(({ delayMs }) => delayMs > 0)
    assert.ok(all.every(({ status }) => status === 200))
    assert.ok(late.length > 900 && late.length < 1100, `${late.length} of 10,000`)
    assert.ok(late.every(({ delayMs }) => delayMs >= 100 && delayMs <= 300))
  })

  test('flaky answers 503 to about one request in five', () => {
    const failed = reactions('flaky').filter(({ status }) => status === 503)
    assert.ok(failed.length > 1900 && failed.length < 2100, `${failed.length} of 10,000`)
  })

  test('all of them are healthy, whatever their habits', () => {
    for (const name of demoServices)
      assert.deepEqual(
        react(name, 'health', () => 0),
        { status: 200, delayMs: 0 }
      )
  })

  test('all of them have a slow path', () => {
    for (const name of demoServices) assert.equal(react(name, 'slow', () => 0.99).delayMs, 500)
  })

  test('what is wanted is the last segment of the path, without the query', () => {
    assert.equal(lastSegment('/v2/echo?x=/slow'), 'echo')
    assert.equal(lastSegment('/'), '')
  })

  test('other names are none of them', () => {
    assert.deepEqual([isDemoService('steady'), isDemoService('toString'), isDemoService(undefined)], [true, false, false])
  })
})
