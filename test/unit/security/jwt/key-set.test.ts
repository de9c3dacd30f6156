import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readJwk, readKeySet } from '../../../../src/security/jwt/key.ts'
import { KeySet } from '../../../../src/security/jwt/key-set.ts'
import { VirtualScheduler } from '../../../../src/time/scheduler.ts'
import { type Claims, pair } from '../../../support/tokens.ts'

const one = pair()
const two = pair('ec')
const algorithms = ['RS256', 'ES256'] as const
const rs = (kid: string | undefined) => ({ algorithm: 'RS256', kid }) as const

/** An issuer that a test speaks for: each fetch waits until it is answered. */
function issuer() {
  const scheduler = new VirtualScheduler()
  const told: (string | undefined)[] = []
  const asked: { resolve(text: string): void; reject(error: Error): void }[] = []
  const keys = new KeySet({
    fetch: () => new Promise<string>((resolve, reject) => void asked.push({ resolve, reject })),
    algorithms,
    makeVerify: async ({ key }) => {
      made.push(key)
      return () => {}
    },
    scheduler,
    told: why => void told.push(why)
  })
  const made: string[] = []
  /** Answers the latest fetch, and waits until that is heard. */
  const answers = async (published: readonly Claims[] | Error) => {
    const last = asked.at(-1)
    if (published instanceof Error) last?.reject(published)
    else last?.resolve(JSON.stringify({ keys: published }))
    await new Promise(setImmediate)
  }
  return { scheduler, told, asked, keys, made, answers }
}

const jwk = (kid: string) => one.jwk({ kid })
const kidsOf = (found: unknown) => (Array.isArray(found) ? found.map(({ kid }) => kid) : found)

describe('the keys of an issuer', () => {
  test('are fetched at the start, and then known at once', async () => {
    const { keys, asked, answers } = issuer()
    keys.start()
    assert.equal(asked.length, 1)
    await answers([jwk('a'), two.jwk({ kid: 'b' })])
    assert.deepEqual(kidsOf(keys.find(rs('a'))), ['a'])
    assert.deepEqual(kidsOf(keys.find({ algorithm: 'ES256', kid: 'b' })), ['b'])
    assert.deepEqual(kidsOf(keys.find(rs('b'))), [], 'an algorithm that is not the key’s')
    assert.equal(asked.length, 1)
  })

  test('make those wait who ask while they are fetched, all for the one fetch', async () => {
    const { keys, asked, answers } = issuer()
    const waiting = [keys.find(rs('a')), keys.find(rs('b')), keys.find(rs('a'))]
    assert.equal(asked.length, 1)
    await answers([jwk('a')])
    assert.deepEqual((await Promise.all(waiting)).map(kidsOf), [['a'], [], ['a']])
  })

  test('are fetched once in ten seconds for names that are not known, however many ask', async () => {
    const { keys, asked, answers, scheduler } = issuer()
    keys.start()
    await answers([jwk('a')])
    for (let i = 0; i < 100; i++) assert.deepEqual(keys.find(rs(`no${i}`)), [])
    assert.equal(asked.length, 1)
    scheduler.advance(10_000)
    const waiting = keys.find(rs('b'))
    for (let i = 0; i < 100; i++) keys.find(rs(`no${i}`))
    assert.equal(asked.length, 2)
    await answers([jwk('a'), jwk('b')])
    assert.deepEqual(kidsOf(await waiting), ['b'])
    for (let i = 0; i < 100; i++) assert.deepEqual(keys.find(rs(`no${i}`)), [])
    assert.equal(asked.length, 2)
  })

  test('are fetched again every five minutes, and keep what verifies by those that stayed', async () => {
    const { keys, asked, made, answers, scheduler } = issuer()
    keys.start()
    await answers([jwk('a')])
    const [before] = [keys.find(rs('a'))]
    scheduler.advance(300_000)
    assert.equal(asked.length, 2)
    await answers([jwk('a'), jwk('b')])
    assert.deepEqual(keys.find(rs('a')), before)
    assert.equal(made.length, 2)
  })

  test('are withdrawn when they are published no longer', async () => {
    const { keys, answers, scheduler } = issuer()
    keys.start()
    await answers([jwk('a'), jwk('b')])
    const found = keys.find(rs('a'))
    assert.ok(Array.isArray(found) && found[0]?.withdrawn === false)
    scheduler.advance(300_000)
    await answers([jwk('b')])
    assert.equal(found[0].withdrawn, true)
    assert.deepEqual(keys.find(rs('a')), [])
  })

  test('outlive the issuer, whatever it answers instead', async () => {
    const { keys, asked, told, answers, scheduler } = issuer()
    keys.start()
    await answers([jwk('a')])
    scheduler.advance(300_000)
    await answers(new Error('no answer within 5 s'))
    assert.deepEqual(kidsOf(keys.find(rs('a'))), ['a'])
    scheduler.advance(30_000)
    asked.at(-1)?.resolve('<html>502</html>')
    await new Promise(setImmediate)
    assert.deepEqual(kidsOf(keys.find(rs('a'))), ['a'])
    scheduler.advance(30_000)
    await answers([jwk('a')])
    assert.deepEqual(told, ['no answer within 5 s', 'the answer is no JSON Web Key Set', undefined])
  })

  test('are unavailable while they were never fetched, which is tried again once in ten seconds', async () => {
    const { keys, asked, answers, scheduler } = issuer()
    keys.start()
    await answers(new Error('ECONNREFUSED'))
    assert.equal(keys.find(rs('a')), 'unavailable')
    scheduler.advance(10_000)
    const waiting = keys.find(rs('a'))
    assert.equal(asked.length, 2)
    await answers([jwk('a')])
    assert.deepEqual(kidsOf(await waiting), ['a'])
  })

  test('are asked for no more when the gateway ends', async () => {
    const { keys, asked, answers, scheduler } = issuer()
    keys.start()
    keys.stop()
    await answers([jwk('a')])
    scheduler.advance(3_600_000)
    await keys.find(rs('b'))
    assert.equal(asked.length, 1)
  })

  test('are found without a name only where one can be meant', async () => {
    const { keys, answers } = issuer()
    keys.start()
    await answers([jwk('a'), two.jwk()])
    assert.deepEqual(kidsOf(keys.find({ algorithm: 'ES256', kid: undefined })), [undefined])
    assert.deepEqual(kidsOf(keys.find(rs(undefined))), ['a'])
    const several = issuer()
    several.keys.start()
    await several.answers([jwk('a'), jwk('b')])
    assert.deepEqual(several.keys.find(rs(undefined)), [])
  })
})

describe('of what is published is used', () => {
  const read = (more: Claims, from = one) => readJwk(from.jwk(more), algorithms)?.algorithms

  test('a key for signatures, by the algorithms that it, its kind and the configuration have', () => {
    assert.deepEqual(read({}), ['RS256'])
    assert.deepEqual(read({ alg: 'RS256', use: 'sig', key_ops: ['verify'] }), ['RS256'])
    assert.deepEqual(read({}, two), ['ES256'])
    assert.equal(read({ alg: 'PS256' }), undefined, 'not configured')
    assert.equal(read({ alg: 'ES256' }), undefined, 'of another kind')
    assert.equal(read({ alg: 'HS256' }), undefined)
    assert.equal(read({ use: 'enc' }), undefined)
    assert.equal(read({ key_ops: ['encrypt'] }), undefined)
    assert.equal(read({ kid: 7 }), undefined)
    assert.equal(read({ n: 'AQAB' }), undefined)
    assert.equal(readJwk(pair('ed25519').jwk(), algorithms), undefined, 'not configured')
  })

  test('nothing that is no public key', () => {
    for (const jwk of [null, 1, 'x', [], {}, { kty: 'oct', k: 'AAAA' }, { kty: 'RSA' }, { kty: 'EC', crv: 'P-256', x: 1, y: {} }])
      assert.equal(readJwk(jwk, algorithms), undefined)
  })

  test('nothing of a text that is no key set, and no more than some keys', () => {
    for (const text of ['', '{', 'null', '[]', '{"keys":{}}', '"keys"'])
      assert.equal(readKeySet(text, algorithms), undefined, text)
    assert.deepEqual(readKeySet('{"keys":[]}', algorithms), [])
    const many = Array.from({ length: 100 }, (_, kid) => jwk(String(kid)))
    assert.equal(readKeySet(JSON.stringify({ keys: many }), algorithms)?.length, 64)
  })
})
