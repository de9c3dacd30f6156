import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Trouble, trouble } from './scenarios/trouble.ts'

/** Another one alone is tried with SEED=n. */
const given = process.env['SEED']
const seeds = given === undefined ? Array.from({ length: 200 }, (_, index) => index + 1) : [Number(given)]

describe('whatever the policies, and however the servers fail', () => {
  const runs = new Map<number, Trouble>()

  test('every request ends once, in time, within its budget, and only where it may go', t => {
    for (const seed of seeds) runs.set(seed, trouble(seed))
    const all = [...runs.values()]
    const requests = all.reduce((sum, run) => sum + run.requests, 0)
    const attempts = all.reduce((sum, run) => sum + run.attempts, 0)
    t.diagnostic(`seeds ${seeds[0]} to ${seeds.at(-1)}: ${requests} requests, ${attempts} attempts`)
    for (const [seed, { broken, policies }] of runs) {
      assert.deepEqual(broken, [], `with seed ${seed} and ${JSON.stringify(policies, undefined, 2)}`)
    }
  })

  test('an attempt that waited goes only where it would be admitted now', t => {
    for (const [seed, { late }] of runs) {
      if (late.length > 0) t.diagnostic(`seed ${seed}: ${late[0]}, and ${late.length - 1} more`)
    }
    for (const [seed, { late }] of runs) assert.deepEqual(late, [], `with seed ${seed}`)
  })
})
