import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { HealthState } from '../../../src/health/health-state.ts'

const thresholds = { fall: 3, rise: 2 }

/** The status after each result: p passes, f fails. */
function after(results: string, { fall, rise } = thresholds): string[] {
  const state = new HealthState({ fall, rise })
  return [...results].map(result => {
    const turned = state.record(result === 'p')
    return `${state.status}${turned ? '!' : ''}${state.inTransition ? '~' : ''}`
  })
}

describe('the state of a checked target', () => {
  test('the first result decides alone, either way', () => {
    assert.deepEqual(after('p'), ['passing!'])
    assert.deepEqual(after('f'), ['failing!'])
  })

  test('it fails after `fall` failures in a row, and not before', () => {
    assert.deepEqual(after('pffpff'), ['passing!', 'passing~', 'passing~', 'passing', 'passing~', 'passing~'])
    assert.deepEqual(after('pffff').slice(2), ['passing~', 'failing!', 'failing'])
  })

  test('it passes after `rise` passes in a row, and not before', () => {
    assert.deepEqual(after('fpfpp'), ['failing!', 'failing~', 'failing', 'failing~', 'passing!'])
  })

  test('thresholds of one turn at every result', () => {
    assert.deepEqual(after('pfpf', { fall: 1, rise: 1 }), ['passing!', 'failing!', 'passing!', 'failing!'])
  })

  test('results in a row are counted beyond the thresholds', () => {
    const state = new HealthState(thresholds)
    for (const ok of [true, false, false, false, false, false]) state.record(ok)
    assert.deepEqual([state.failures, state.passes], [5, 0])
    state.record(true)
    assert.deepEqual([state.failures, state.passes], [0, 1])
  })

  test('nothing is known before the first result', () => {
    const state = new HealthState(thresholds)
    assert.deepEqual([state.status, state.inTransition, state.passes, state.failures], ['unchecked', false, 0, 0])
  })
})
