import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { Basic } from '../../../src/credentials/basic.ts'
import type { StoredUser } from '../../../src/credentials/credential-file.ts'
import { decoyHash, hashPassword, isPassword, type PasswordHash, readPasswordHash } from '../../../src/credentials/password.ts'
import { basic, showing, wordOf } from './shown.ts'

/** A cost that tests can pay. */
const cheap = { logN: 4, r: 8, p: 1 }

async function user(name: string, password: string, more: Partial<StoredUser> = {}): Promise<[string, StoredUser]> {
  const read = readPasswordHash(await hashPassword(password, cheap))
  assert.ok(read)
  return [
    name,
    {
      name,
      password: read,
      createdAt: undefined,
      expiresAt: Number.POSITIVE_INFINITY,
      revoked: false,
      scopes: ['s'],
      labels: {},
      ...more
    }
  ]
}

let users: ReadonlyMap<string, StoredUser>
before(async () => {
  users = new Map([
    await user('ann', 'correct horse'),
    await user('bo', 'a:b:c'),
    await user('\u00e9ve', 'gr\u00fc\u00dfe'),
    await user('gone', 'revoked one', { revoked: true }),
    await user('old', 'expired one', { expiresAt: 1000 })
  ])
})

interface Comparison {
  readonly password: string
  readonly stored: PasswordHash
  readonly answer: (isRight: boolean) => void
  readonly fail: () => void
}

/** One whose comparisons are answered by the test. */
function controlled(clock = () => 0) {
  const comparisons: Comparison[] = []
  const compare = (password: string, stored: PasswordHash) => {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    comparisons.push({ password, stored, answer: resolve, fail: () => reject(new Error('no memory')) })
    return promise
  }
  const authenticator = new Basic({ realm: 'api', passOn: true }, { clock, wallClock: () => 0, compare })
  authenticator.use({ users })
  const ask = async (pair: string) => wordOf(await authenticator.identify(showing(basic(pair))))
  return { authenticator, comparisons, ask }
}

function real(wallClock = () => 0) {
  const authenticator = new Basic({ realm: 'api', passOn: true }, { clock: () => 0, wallClock })
  authenticator.use({ users })
  return async (headers: { authorization: string }) => wordOf(await authenticator.identify(showing(headers)))
}

test('a right pair ends in a consumer', async () => {
  const authenticator = new Basic({ realm: 'api', passOn: true }, { clock: () => 0, wallClock: () => 0 })
  authenticator.use({ users })
  assert.deepEqual(await authenticator.identify(showing(basic('ann:correct horse'))), {
    kind: 'consumer',
    consumer: { name: 'ann', kind: 'basic', scopes: new Set(['s']), labels: {}, claims: {} }
  })
})

describe('pairs', () => {
  const table: readonly (readonly [what: string, pair: string | Uint8Array, word: string])[] = [
    ['a password with colons', 'bo:a:b:c', '(bo)'],
    ['UTF-8', '\u00e9ve:gr\u00fc\u00dfe', '(\u00e9ve)'],
    ['an accent as a character of its own', '\u00e9ve:gru\u0308\u00dfe', '(\u00e9ve)'],
    ['a wrong password', 'ann:wrong horse', 'invalid'],
    ['no password', 'ann:', 'invalid'],
    ['the password of another', 'ann:a:b:c', 'invalid'],
    ['an unknown name', 'zoe:correct horse', 'invalid'],
    ['a name of Object', 'constructor:correct horse', 'invalid'],
    ['a revoked user', 'gone:revoked one', 'revoked'],
    ['a revoked user with a wrong password', 'gone:wrong one', 'invalid'],
    ['an expired user', 'old:expired one', 'expired'],
    ['no colon', 'ann', 'malformed'],
    ['nothing', '', 'malformed'],
    ['a colon alone', ':', 'malformed'],
    ['an empty name', ':correct horse', 'malformed'],
    ['what is no UTF-8', new Uint8Array([0x61, 0x6e, 0x6e, 0x3a, 0xff, 0xfe]), 'malformed'],
    ['a NUL', 'ann\0:correct horse', 'malformed'],
    ['a newline', 'ann:correct horse\n', 'malformed'],
    ['a very long one', `ann:${'x'.repeat(10_000)}`, 'malformed']
  ]
  for (const [what, pair, word] of table) test(what, async () => assert.equal(await real(() => 1000)(basic(pair)), word))

  test('what is no base64', async () => {
    for (const shown of ['!', 'YW5u OmE=', 'YW5uOmE=, YW5uOmE=', 'YW5uOmE===', 'YW5uO', '\u00e9', 'YW5u-_=='])
      assert.equal(await real()({ authorization: `Basic ${shown}` }), 'malformed', shown)
    assert.equal(await real()({ authorization: 'Basic' }), 'malformed')
  })

  test('another scheme, and none', async () => {
    assert.equal(await real()({ authorization: 'Bearer YW5uOmE=' }), 'absent')
    assert.equal(
      wordOf(await new Basic({ realm: 'x', passOn: true }, { clock: () => 0, wallClock: () => 0 }).identify(showing({}))),
      'absent'
    )
  })
})

test('an unknown name takes the same way as a known one: one hash, which costs the same', async () => {
  const { comparisons, ask } = controlled()
  const asked = [ask('ann:x'), ask('zoe:x')]
  assert.equal(comparisons.length, 2)
  const [known, unknown] = comparisons.map(({ password, stored: { logN, r, p, salt, digest } }) => [
    password,
    logN,
    r,
    p,
    salt.length,
    digest.length
  ])
  assert.deepEqual(known, unknown)
  for (const { answer } of comparisons) answer(false)
  assert.deepEqual(await Promise.all(asked), ['invalid', 'invalid'])
})

test('nobody is let in under an unknown name, whatever the comparison says', async () => {
  const { comparisons, ask } = controlled()
  const asked = ask('zoe:x')
  comparisons[0]?.answer(true)
  assert.equal(await asked, 'invalid')
})

test('a right pair is remembered for five minutes, a wrong one for ten seconds', async () => {
  let now = 0
  const { comparisons, ask } = controlled(() => now)
  const first = [ask('ann:right'), ask('ann:wrong')]
  comparisons[0]?.answer(true)
  comparisons[1]?.answer(false)
  assert.deepEqual(await Promise.all(first), ['(ann)', 'invalid'])
  now = 9999
  assert.deepEqual([await ask('ann:right'), await ask('ann:wrong'), comparisons.length], ['(ann)', 'invalid', 2])
  now = 10_000
  const again = ask('ann:wrong')
  assert.equal(comparisons.length, 3)
  comparisons[2]?.answer(false)
  await again
  now = 299_999
  assert.deepEqual([await ask('ann:right'), comparisons.length], ['(ann)', 3])
  now = 300_000
  const late = ask('ann:right')
  assert.equal(comparisons.length, 4)
  comparisons[3]?.answer(false)
  assert.equal(await late, 'invalid')
})

test('what is remembered ends with a new password, and with a user that was taken away or revoked', async () => {
  const { authenticator, comparisons, ask } = controlled()
  const asked = ask('ann:right')
  comparisons[0]?.answer(true)
  assert.equal(await asked, '(ann)')
  const ann = users.get('ann')
  assert.ok(ann)
  authenticator.use({ users: new Map([['ann', { ...ann, revoked: true }]]) })
  assert.equal(await ask('ann:right'), 'revoked')
  authenticator.use({ users: new Map([await user('ann', 'another')]) })
  const changed = ask('ann:right')
  assert.equal(comparisons.length, 2)
  comparisons[1]?.answer(false)
  assert.equal(await changed, 'invalid')
  authenticator.use({ users: new Map() })
  const gone = ask('ann:right')
  comparisons[2]?.answer(true)
  assert.equal(await gone, 'invalid')
})

test('a user that is taken away while the hash is computed is not let in', async () => {
  const { authenticator, comparisons, ask } = controlled()
  const asked = ask('ann:right')
  authenticator.use({ users: new Map([await user('ann', 'another')]) })
  comparisons[0]?.answer(true)
  assert.equal(await asked, 'invalid')
})

test('requests with the same pair at the same time wait for one hash', async () => {
  const { comparisons, ask } = controlled()
  const asked = Array.from({ length: 100 }, () => ask('ann:right'))
  assert.equal(comparisons.length, 1)
  comparisons[0]?.answer(true)
  assert.deepEqual(new Set(await Promise.all(asked)), new Set(['(ann)']))
})

test('two hashes are under way at most, thirty wait, and more are turned away; who is remembered gets in', async () => {
  const { comparisons, ask } = controlled()
  const known = ask('ann:right')
  comparisons[0]?.answer(true)
  await known
  const asked = Array.from({ length: 40 }, (_, i) => ask(`ann:wrong ${i}`))
  assert.equal(comparisons.length, 3)
  assert.deepEqual(await Promise.all(asked.slice(32)), Array(8).fill('unavailable'))
  assert.equal(await ask('ann:right'), '(ann)')
  for (let i = 1; i <= 32; i++) {
    assert.ok(comparisons.length <= i + 2, 'no more than two at once')
    comparisons[i]?.answer(false)
    await asked[i - 1]
  }
  assert.deepEqual(await Promise.all(asked.slice(0, 32)), Array(32).fill('invalid'))
})

test('a hash that cannot be computed lets nobody in and is not remembered', async () => {
  const { comparisons, ask } = controlled()
  const asked = ask('ann:right')
  comparisons[0]?.fail()
  assert.equal(await asked, 'unavailable')
  const again = ask('ann:right')
  comparisons[1]?.answer(true)
  assert.equal(await again, '(ann)')
})

test('the challenge asks for UTF-8', () => {
  assert.equal(controlled().authenticator.challenge(), 'Basic realm="api", charset="UTF-8"')
})

describe('hashes of passwords', () => {
  test('are read as they are written, and verified', async () => {
    const text = await hashPassword('secret', cheap)
    const read = readPasswordHash(text)
    assert.ok(read)
    assert.equal(read.text, text)
    assert.deepEqual([await isPassword('secret', read), await isPassword('secres', read)], [true, false])
  })

  test('of the same password differ', async () => {
    assert.notEqual(await hashPassword('secret', cheap), await hashPassword('secret', cheap))
  })

  test('agree with the vectors of RFC 7914 section 12', async () => {
    const hex =
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640'
    const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
    // Its salt NaCl is shorter than what files may hold.
    const stored = { logN: 10, r: 8, p: 16, salt: Buffer.from('NaCl'), digest: Buffer.from(hex, 'hex'), text: '' }
    assert.equal(await isPassword('password', stored), true)
    assert.equal(readPasswordHash(`$scrypt$ln=10,r=8,p=16$${base64(stored.salt)}$${base64(stored.digest)}`), undefined)
  })

  test('by default cost 32 MiB and can be computed within the limit', async () => {
    const read = readPasswordHash(await hashPassword('secret'))
    assert.deepEqual([read?.logN, read?.r, read?.p], [15, 8, 3])
    assert.deepEqual(Object.values(decoyHash()).slice(0, 3), [15, 8, 3])
  })
})
