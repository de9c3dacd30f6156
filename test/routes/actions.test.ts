import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { ConfigInput } from '../../config/schema.ts'
import { fakeClock } from '../../src/testing.ts'
import { running } from './running.ts'

const headers = { host: 'localhost' }
const shop = (more: object = {}): ConfigInput => ({
  upstreams: {
    shop: {
      targets: ['a', 'b', 'c', 'd'].map(id => ({ url: `http://${id}.test:3000`, id })),
      ...more
    }
  },
  routes: [{ prefix: '/', upstream: 'shop' }]
})

interface Shown {
  readonly id: string
  readonly eligible: boolean
  readonly why: string | null
  readonly ejectedUntil: string | null
  readonly maintenance: { readonly action: string; readonly who: string; readonly when: string } | null
}

async function operated(t: TestContext, config: ConfigInput) {
  const clock = fakeClock(1000)
  const { admin } = await running(t, config, { clock, random: () => 0.5 })
  const act = (path: string) => admin.inject({ method: 'POST', url: `/api/upstreams/${path}`, headers })
  const shown = async (): Promise<Record<string, Shown>> => {
    const { upstreams } = (await admin.inject({ url: '/api/upstreams', headers })).json()
    const targets: Shown[] = upstreams[0].targets
    return Object.fromEntries(targets.map(each => [each.id, each]))
  }
  return { clock, act, shown }
}

describe('a target that an operator ejects', () => {
  test('is out for the length of an ejection, and everybody sees by whom and since when', async t => {
    const { clock, act, shown } = await operated(t, shop({ outliers: { eject: '10s' } }))
    const response = await act('shop/targets/b/eject')
    assert.equal(response.statusCode, 200)
    const { who, when } = response.json()
    const { b } = await shown()
    assert.equal(b?.eligible, false)
    assert.equal(b?.why, `ejected by ${who} at ${when}`)
    assert.equal(who, '127.0.0.1')
    assert.equal(new Date(when).toISOString(), when)
    assert.ok(Date.parse(b?.ejectedUntil ?? '') > Date.parse(when))
    clock.advance(9999)
    assert.equal((await shown())['b']?.eligible, false)
    clock.advance(1)
    assert.equal((await shown())['b']?.eligible, true)
  })

  test('is back at once when it is enabled', async t => {
    const { act, shown } = await operated(t, shop())
    await act('shop/targets/b/eject')
    await act('shop/targets/b/enable')
    const { b } = await shown()
    assert.deepEqual([b?.eligible, b?.why, b?.ejectedUntil], [true, null, null])
  })

  test('is never more than the share that may be out, nor the last that can be used', async t => {
    const { act, shown } = await operated(t, shop({ outliers: { maxShare: 0.5 } }))
    assert.deepEqual(
      (await Promise.all(['a', 'b'].map(id => act(`shop/targets/${id}/eject`)))).map(({ statusCode }) => statusCode),
      [200, 200]
    )
    const refused = await act('shop/targets/c/eject')
    assert.deepEqual([refused.statusCode, refused.json().code], [400, 'EG_BAD_REQUEST'])
    assert.equal((await shown())['c']?.eligible, true)

    const { act: actOn } = await operated(t, shop({ outliers: { maxShare: 1 } }))
    for (const id of ['a', 'b', 'c']) await actOn(`shop/targets/${id}/drain`)
    assert.equal((await actOn('shop/targets/d/eject')).statusCode, 400, 'the others are drained')
  })

  test('needs ejection to be on', async t => {
    const { act } = await operated(t, shop({ outliers: false }))
    const response = await act('shop/targets/a/eject')
    assert.deepEqual([response.statusCode, response.json().code], [400, 'EG_BAD_REQUEST'])
  })
})

describe('a target that an operator drains', () => {
  test('stays out until it is enabled, and everybody sees by whom and since when', async t => {
    const { clock, act, shown } = await operated(t, shop())
    const { who, when } = (await act('shop/targets/c/drain')).json()
    clock.advance(86_400_000)
    const { c, d } = await shown()
    assert.deepEqual([c?.eligible, c?.maintenance], [false, { action: 'drain', who, when }])
    assert.deepEqual([d?.eligible, d?.maintenance], [true, null])
    await act('shop/targets/c/enable')
    assert.deepEqual([(await shown())['c']?.eligible, (await shown())['c']?.maintenance], [true, null])
  })

  test('may be all of them, since it is meant', async t => {
    const { act, shown } = await operated(t, shop())
    for (const id of ['a', 'b', 'c', 'd']) assert.equal((await act(`shop/targets/${id}/drain`)).statusCode, 200)
    assert.ok(Object.values(await shown()).every(({ eligible }) => !eligible))
  })
})

test('an id with a colon is found as it is, and escaped', async t => {
  const { act } = await operated(t, {
    upstreams: { shop: { targets: ['http://10.0.0.1:3000'] } },
    routes: [{ prefix: '/', upstream: 'shop' }]
  })
  for (const id of ['10.0.0.1:3000', '10.0.0.1%3A3000']) assert.equal((await act(`shop/targets/${id}/drain`)).statusCode, 200, id)
})

test('traffic may return to every tier by an operator’s word', async t => {
  const { act } = await operated(t, shop())
  const response = await act('shop/failback')
  assert.deepEqual([response.statusCode, response.json().action], [200, 'failback'])
  assert.equal((await act('none/failback')).statusCode, 404)
})

test('an action is nothing that a GET does', async t => {
  const { admin } = await running(t, shop())
  const response = await admin.inject({ url: '/api/upstreams/shop/targets/a/drain', headers })
  assert.ok(response.statusCode === 404 || response.statusCode === 405)
})
