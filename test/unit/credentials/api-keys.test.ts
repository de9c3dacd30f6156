import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { digestOf, digestText, isSecret, newApiKey, parseApiKey, readDigest } from '../../../src/credentials/api-key.ts'
import { ApiKeys } from '../../../src/credentials/api-keys.ts'
import type { StoredKey } from '../../../src/credentials/credential-file.ts'
import { showing, wordOf } from './shown.ts'

const secret = (letter: string) => letter.repeat(32)
const settings = { header: 'x-api-key', authorization: false, realm: 'api', passOn: true }
const stored = (name: string, letter: string, more: Partial<StoredKey> = {}): StoredKey => ({
  name,
  digest: digestOf(secret(letter)),
  createdAt: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
  revoked: false,
  scopes: [],
  labels: {},
  ...more
})
const held = new Map([
  ['shop', stored('shop', 's', { scopes: ['orders:read'], labels: { team: 'web' } })],
  ['shop2', stored('shop', 't')],
  ['gone', stored('gone', 'g', { revoked: true })],
  ['old', stored('old', 'o', { expiresAt: 5000 })]
])

function keys(more: Partial<ConstructorParameters<typeof ApiKeys>[0]> = {}, wallClock = () => 4999): ApiKeys {
  const authenticator = new ApiKeys({ ...settings, ...more }, wallClock)
  authenticator.use({ keys: held })
  return authenticator
}

const shownAs = (key: string, wallClock?: () => number) => wordOf(keys({}, wallClock).identify(showing({ 'x-api-key': key })))

test('a key ends in a consumer with its name, scopes and labels', () => {
  const identification = keys().identify(showing({ 'x-api-key': `shop.${secret('s')}` }))
  assert.deepEqual(identification, {
    kind: 'consumer',
    consumer: { name: 'shop', kind: 'apiKey', scopes: new Set(['orders:read']), labels: { team: 'web' }, claims: {} }
  })
})

test('a limit of a key is one of its consumer, until the file says something else', () => {
  const authenticator = new ApiKeys(settings, () => 0)
  const limits = [{ limit: 5, windowMs: 1000 }, { limit: 9, windowMs: 1000 }, undefined].map(limit => {
    authenticator.use({ keys: new Map([['shop', stored('shop', 's', limit && { limit })]]) })
    const identification = authenticator.identify(showing({ 'x-api-key': `shop.${secret('s')}` }))
    return identification.kind === 'consumer' ? identification.consumer.limit : identification
  })
  assert.deepEqual(limits, [{ limit: 5, windowMs: 1000 }, { limit: 9, windowMs: 1000 }, undefined])
})

test('several keys of one name are good side by side', () => {
  assert.deepEqual([shownAs(`shop.${secret('s')}`), shownAs(`shop2.${secret('t')}`)], ['(shop)', '(shop)'])
})

test('a key ends with its time', () => {
  const key = `old.${secret('o')}`
  assert.deepEqual([shownAs(key), shownAs(key, () => 5000)], ['(old)', 'expired'])
})

test('only who has the secret learns that a key was revoked or has ended', () => {
  assert.equal(shownAs(`gone.${secret('g')}`), 'revoked')
  assert.equal(shownAs(`gone.${secret('x')}`), 'invalid')
  assert.equal(
    shownAs(`old.${secret('x')}`, () => 9999),
    'invalid'
  )
})

describe('what is no key', () => {
  const table: readonly (readonly [what: string, key: string, word: string])[] = [
    ['an unknown ID', `nobody.${secret('s')}`, 'invalid'],
    ['the secret of another ID', `shop.${secret('t')}`, 'invalid'],
    ['one character more', `shop.${secret('s')}s`, 'invalid'],
    ['one character less', `shop.${secret('s').slice(1)}`, 'invalid'],
    ['a name of Object', `constructor.${secret('s')}`, 'invalid'],
    ['a prototype', `__proto__.${secret('s')}`, 'invalid'],
    ['the stored digest as a secret', `shop.${digestOf(secret('s')).toString('hex')}`, 'invalid'],
    ['nothing', '', 'malformed'],
    ['the ID alone', 'shop', 'malformed'],
    ['the ID and a dot', 'shop.', 'malformed'],
    ['the secret alone', `.${secret('s')}`, 'malformed'],
    ['a NUL', `shop.${secret('s')}\0`, 'malformed'],
    ['a NUL before the dot', `shop\0.${secret('s')}`, 'malformed'],
    ['a newline after it', `shop.${secret('s')}\n`, 'malformed'],
    ['a space before it', ` shop.${secret('s')}`, 'malformed'],
    ['letters of Unicode that look alike', `\u0455hop.${secret('s')}`, 'malformed'],
    ['full-width letters', `shop.${secret('\uff53')}`, 'malformed'],
    ['half a surrogate pair', `shop.${secret('s')}\ud800`, 'malformed'],
    ['two keys, as Node joins a header that came twice', `shop.${secret('s')}, shop.${secret('s')}`, 'malformed'],
    ['a million characters', `shop.${'s'.repeat(1_000_000)}`, 'malformed'],
    ['a million dots', '.'.repeat(1_000_000), 'malformed']
  ]
  for (const [what, key, word] of table) test(what, () => assert.equal(shownAs(key), word))
})

test('a header that came as a list is no key', () => {
  // Node gives lists for one header alone; a plugin may make more.
  const headers = { 'x-api-key': [`shop.${secret('s')}`, `shop2.${secret('t')}`] }
  assert.equal(wordOf(keys().identify(showing(headers))), 'malformed')
})

describe('where a key comes in', () => {
  const key = `shop.${secret('s')}`
  const everywhere = keys({ header: 'x-key', query: 'k', authorization: true })

  test('in no place but the configured ones', () => {
    assert.equal(wordOf(keys().identify(showing({ authorization: `ApiKey ${key}` }, { search: `?x-api-key=${key}` }))), 'absent')
    assert.equal(wordOf(everywhere.identify(showing({ 'x-api-key': key }))), 'absent')
  })

  test('in each of them', () => {
    for (const request of [
      showing({ 'x-key': key }),
      showing({ authorization: `ApiKey ${key}` }),
      showing({ authorization: `apikey  ${key}` }),
      showing({}, { search: `?a=1&k=${key}` })
    ])
      assert.equal(wordOf(everywhere.identify(request)), '(shop)')
  })

  test('not in two of them, nor twice in one', () => {
    for (const request of [
      showing({ 'x-key': key, authorization: `ApiKey ${key}` }),
      showing({ 'x-key': key }, { search: `?k=${key}` }),
      showing({}, { search: `?k=${key}&k=${key}` })
    ])
      assert.equal(wordOf(everywhere.identify(request)), 'malformed')
  })

  test('other schemes are none of its business', () => {
    assert.equal(wordOf(everywhere.identify(showing({ authorization: `Bearer ${key}` }))), 'absent')
    assert.equal(wordOf(everywhere.identify(showing({ authorization: `ApiKeys ${key}` }))), 'absent')
  })
})

test('an unknown ID takes the same way as a known one: one comparison of one hash', () => {
  const compared: [string, number][] = []
  const authenticator = new ApiKeys(
    settings,
    () => 0,
    (each, digest) => {
      compared.push([each, digest.length])
      return isSecret(each, digest)
    }
  )
  authenticator.use({ keys: held })
  for (const id of ['shop', 'gone', 'nobody'])
    assert.equal(wordOf(authenticator.identify(showing({ 'x-api-key': `${id}.${secret('x')}` }))), 'invalid')
  assert.deepEqual(compared, Array(3).fill([secret('x'), 32]))
})

test('an unknown ID is refused even when the comparison says yes', () => {
  const authenticator = new ApiKeys(
    settings,
    () => 0,
    () => true
  )
  authenticator.use({ keys: held })
  assert.equal(wordOf(authenticator.identify(showing({ 'x-api-key': `nobody.${secret('x')}` }))), 'invalid')
})

test('without a file it knows nobody, and new keys stand in place of the old ones', () => {
  const authenticator = new ApiKeys(settings, () => 0)
  const request = showing({ 'x-api-key': `shop.${secret('s')}` })
  assert.equal(wordOf(authenticator.identify(request)), 'invalid')
  authenticator.use({ keys: held })
  assert.equal(wordOf(authenticator.identify(request)), '(shop)')
  authenticator.use({ keys: new Map() })
  assert.equal(wordOf(authenticator.identify(request)), 'invalid')
})

test('the challenge names the scheme and the realm, whose quotes do not end it', () => {
  assert.equal(keys({ realm: 'a "b" \\' }).challenge(), 'ApiKey realm="a \\"b\\" \\\\"')
})

test('a new key has 192 random bits, its characters alone, and is read again', () => {
  const made = Array.from({ length: 1000 }, newApiKey)
  for (const key of made) {
    const text = `${key.id}.${key.secret}`
    assert.match(text, /^eg[0-9a-f]{16}\.[A-Za-z0-9_-]{32}$/)
    assert.deepEqual(parseApiKey(text), key)
  }
  assert.equal(new Set(made.map(({ id }) => id)).size, 1000)
  assert.equal(new Set(made.map(each => each.secret)).size, 1000)
})

test('a digest is read as it is written, and nothing else is', () => {
  const digest = digestOf('x')
  assert.deepEqual(readDigest(digestText(digest)), digest)
  for (const text of [
    '',
    'sha256:',
    digest.toString('hex'),
    `sha256:${'a'.repeat(63)}`,
    `sha512:${'a'.repeat(64)}`,
    `${digestText(digest)}\n`
  ])
    assert.equal(readDigest(text), undefined, text)
})
