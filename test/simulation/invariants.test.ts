import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { trouble } from './scenarios/trouble.ts'

/** Another one alone is tried with SEED=n. */
const given = process.env['SEED']
const seeds = given === undefined ? Array.from({ length: 200 }, (_, index) => index + 1) : [Number(given)]

describe('whatever the policies, and however the servers fail', () => {
  test('every request ends once, in time, within its budget, and goes only where it may', t => {
    const runs = seeds.map(seed => ({ seed, ...trouble(seed) }))
    const requests = runs.reduce((sum, run) => sum + run.requests, 0)
    const attempts = runs.reduce((sum, run) => sum + run.attempts, 0)
    t.diagnostic(`seeds ${seeds[0]} to ${seeds.at(-1)}: ${requests} requests, ${attempts} attempts`)
    for (const { seed, broken, policies } of runs) {
      assert.deepEqual(broken, [], `with seed ${seed} and ${JSON.stringify(policies, undefined, 2)}`)
    }
  })
})
