import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { explain } from '../../src/cli/explain.ts'
import type { Io } from '../../src/cli/io.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'

/** `evergate explain GET /` of these arguments: its exit code, and what it said. */
async function explained(args: readonly string[], env: Io['env'] = {}) {
  let out = ''
  let err = ''
  const io: Io = { stdout: text => void (out += text), stderr: text => void (err += text), env, cwd: import.meta.dirname }
  return { code: await explain(['GET', '/', ...args], io), out, err }
}

describe('evergate explain --admin', () => {
  const token = 'a-token-of-16-or-more'

  test('shows the admin token that it is given, or that the environment has', async t => {
    const { adminUrl } = await gatewayTo(t, [nowhere], { admin: { address: '127.0.0.1:0', token } })
    for (const [args, env] of [
      [['--token', token], {}],
      [[], { EVERGATE_ADMIN_TOKEN: token }],
      [['--token', token], { EVERGATE_ADMIN_TOKEN: 'another-token-altogether' }]
    ] as const) {
      const { code, out, err } = await explained(['--admin', adminUrl, ...args], env)
      assert.deepEqual([code, err], [0, ''])
      assert.match(out, /takes route \//)
    }
  })

  test('says that a token is wanted, and never the one that was wrong', async t => {
    const { adminUrl } = await gatewayTo(t, [nowhere], { admin: { address: '127.0.0.1:0', token } })
    for (const args of [[], ['--token', 'wrong-but-secret']]) {
      const { code, out, err } = await explained(['--admin', adminUrl, ...args])
      assert.deepEqual([code, out], [1, ''])
      assert.match(err, /--token/)
      assert.doesNotMatch(err, /wrong-but-secret/)
    }
  })

  test('needs no token where the gateway has none', async t => {
    const { adminUrl } = await gatewayTo(t, [nowhere])
    assert.equal((await explained(['--admin', adminUrl])).code, 0)
  })

  test('is what a token is for', async () => {
    const { code, err } = await explained(['--token', token])
    assert.equal(code, 2)
    assert.match(err, /--token goes with --admin/)
  })
})
