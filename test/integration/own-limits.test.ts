import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { readCredentialFile } from '../../src/credentials/credential-file.ts'
import { addKey, documentText, type NewGrant, putUser } from '../../src/credentials/edit-file.ts'
import { hashPassword } from '../../src/credentials/password.ts'
import type { OwnLimit } from '../../src/model/consumer.ts'
import { build, type ConfigInput, type TestGateway, type TestScope, upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { redisServer, withoutRedis } from '../support/redis.ts'
import { temporary } from '../support/temporary.ts'
import { until } from '../support/until.ts'

type Limit = NonNullable<NonNullable<ConfigInput['routes']>[number]['rateLimit']>

const hour = 3_600_000

const grant = (name: string, limit?: OwnLimit): NewGrant => ({
  name,
  created: '2026-01-01',
  scopes: [],
  labels: {},
  ...(limit && { limit })
})

/** A file with keys of these names, which is written anew each time that one is added, or given another limit. */
async function keyFile(t: TestScope) {
  const directory = await temporary(t)
  const result = readCredentialFile('')
  assert.ok(result.ok)
  const { document, file } = result
  const write = () => writeFile(path.join(directory, 'keys.yaml'), documentText(document))
  const add = async (name: string, limit?: OwnLimit) => {
    const key = addKey(document, file, grant(name, limit))
    await write()
    return key
  }
  const setLimit = async (key: string, limit: string | undefined) => {
    const place = ['keys', key.split('.')[0], 'limit']
    if (limit === undefined) document.deleteIn(place)
    else document.setIn(place, limit)
    await write()
  }
  const addUser = async (name: string, password: string, limit: OwnLimit) => {
    putUser(document, grant(name, limit), await hashPassword(password, { logN: 4, r: 8, p: 1 }))
    await write()
  }
  return { directory, add, addUser, setLimit }
}

/** A gateway that limits consumers and knows them by keys and passwords. */
async function gatewayFor(t: TestScope, directory: string, rateLimit: Limit, redis?: string): Promise<TestGateway> {
  const { url } = await upstream(t, { body: 'ok' })
  const config: ConfigInput = {
    ...(redis !== undefined && { store: { redis, timeout: '20s' } }),
    upstreams: { service: { targets: [url] } },
    security: { apiKeys: { file: 'keys.yaml' }, basic: { file: 'keys.yaml' } },
    routes: [{ prefix: '/', upstream: 'service', auth: ['apiKey', 'basic'], rateLimit }]
  }
  return build(t, config, { directory })
}

const asking = ({ url }: TestGateway, key: string) => ask(`${url}/`, { headers: { 'x-api-key': key } })

/** The status, and what the answer says of limits. */
async function said(gateway: TestGateway, key: string): Promise<readonly unknown[]> {
  const { status, headers } = await asking(gateway, key)
  return [status, headers['ratelimit-policy'], headers['ratelimit']]
}

/** How many of so many requests of a key pass, sent at once to the gateways in turn. */
async function passing(gateways: readonly TestGateway[], key: string, count: number): Promise<number> {
  const answers = await Promise.all(
    // There is one at least.
    Array.from({ length: count }, (_, index) => asking(gateways[index % gateways.length] as TestGateway, key))
  )
  for (const { status, headers } of answers)
    if (status !== 200) assert.ok(status === 429 && Number(headers['retry-after']) >= 1, `${status}`)
  return answers.filter(({ status }) => status === 200).length
}

describe('a key with a limit of its own', () => {
  test('has it beside those of others, and another one as soon as the file says so', async t => {
    const { directory, add, setLimit } = await keyFile(t)
    const [shop, small, plain] = [
      await add('shop', { limit: 4, windowMs: hour }),
      await add('small', { limit: 1, windowMs: hour / 2 }),
      await add('plain')
    ]
    const gateway = await gatewayFor(t, directory, { limit: 2, window: '1h', by: 'consumer' })
    assert.deepEqual(await said(gateway, shop), [200, '"consumer";q=4;w=3600', '"consumer";r=3;t=3600'])
    assert.deepEqual(await said(gateway, small), [200, '"consumer";q=1;w=1800', '"consumer";r=0;t=1800'])
    assert.deepEqual(await said(gateway, plain), [200, '"consumer";q=2;w=3600', '"consumer";r=1;t=3600'])
    assert.deepEqual(
      await Promise.all([passing([gateway], shop, 9), passing([gateway], small, 9), passing([gateway], plain, 9)]),
      [3, 0, 1]
    )

    await setLimit(shop, '6/1h')
    await setLimit(small, undefined)
    const last = await add('last')
    await until(async () => (await asking(gateway, last)).status === 200)
    assert.deepEqual(await Promise.all([passing([gateway], shop, 9), passing([gateway], plain, 9)]), [2, 0])
    assert.deepEqual((await said(gateway, small)).slice(1), ['"consumer";q=2;w=3600', '"consumer";r=1;t=3600'])
  })

  test('is as a user with one', async t => {
    const { directory, addUser } = await keyFile(t)
    await addUser('ann', 'correct horse', { limit: 3, windowMs: hour })
    const gateway = await gatewayFor(t, directory, { limit: 1, window: '1m', by: 'consumer' })
    const authorization = `Basic ${Buffer.from('ann:correct horse').toString('base64')}`
    const statuses = []
    for (let count = 0; count < 4; count++) statuses.push((await ask(`${gateway.url}/`, { headers: { authorization } })).status)
    assert.deepEqual(statuses, [200, 200, 200, 429])
  })
})

async function metric({ adminUrl }: TestGateway, name: string): Promise<number> {
  const { text } = await ask(`${adminUrl}/metrics`)
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
}

async function pair(t: TestScope, directory: string, rateLimit: Limit, redis: string): Promise<[TestGateway, TestGateway]> {
  const first = await gatewayFor(t, directory, rateLimit, redis)
  const second = await gatewayFor(t, directory, rateLimit, redis)
  // The first hears of the second with its next sign of life.
  await until(async () => (await metric(first, 'evergate_gateways')) === 2)
  return [first, second]
}

describe('two gateways that share a Redis, and keys with limits of their own', { skip: withoutRedis }, () => {
  for (const algorithm of ['sliding', 'fixed', 'token'] as const)
    test(`let each pass as often as its own limit says, in all: ${algorithm}`, async t => {
      const { directory, add, setLimit } = await keyFile(t)
      const [more, fewer, plain] = [
        await add('more', { limit: 60, windowMs: hour }),
        await add('fewer', { limit: 10, windowMs: 2 * hour }),
        await add('plain')
      ]
      const { url } = await redisServer(t)
      const gateways = await pair(t, directory, { limit: 30, window: '1h', by: 'consumer', algorithm }, url)
      const all = (count: number) => Promise.all([more, fewer, plain].map(key => passing(gateways, key, count)))
      assert.deepEqual(await all(80), [60, 10, 30])
      assert.equal((await said(gateways[1], fewer))[1], '"consumer";q=10;w=7200')
      assert.deepEqual(await all(5), [0, 0, 0])
      if (algorithm === 'token') return
      await setLimit(fewer, '12/2h')
      const last = await add('last')
      for (const gateway of gateways) await until(async () => (await asking(gateway, last)).status === 200)
      assert.deepEqual(await all(5), [0, 2, 0])
    })

  test('have their share of the own limit while it is lost, and no fresh one when it is back', async t => {
    const { directory, add } = await keyFile(t)
    const [early, late, plain] = [
      await add('early', { limit: 40, windowMs: hour }),
      await add('late', { limit: 40, windowMs: 2 * hour }),
      await add('plain')
    ]
    const server = await redisServer(t)
    const gateways = await pair(t, directory, { limit: 10, window: '1h', by: 'consumer' }, server.url)
    const areUp = async (isUp: boolean) => {
      for (const gateway of gateways)
        await until(async () => (await metric(gateway, 'evergate_shared_store_up')) === Number(isUp))
    }
    assert.equal(await passing(gateways, early, 40), 40)
    await server.kill()
    await areUp(false)
    assert.equal(await passing(gateways, early, 20), 0)
    assert.deepEqual([await passing([gateways[0]], late, 30), await passing([gateways[1]], late, 10)], [20, 10])
    assert.equal(await passing([gateways[0]], plain, 30), 5)
    await server.start()
    await areUp(true)
    assert.equal(await passing(gateways, early, 20), 0)
    assert.deepEqual([await passing([gateways[0]], late, 10), await passing([gateways[1]], late, 30)], [0, 10])
  })
})
