import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseApiKey } from '../../../src/credentials/api-key.ts'
import { problemText, readCredentialFile } from '../../../src/credentials/credential-file.ts'
import { addKey, documentText, revoke } from '../../../src/credentials/edit-file.ts'

const hash = `sha256:${'0'.repeat(64)}`
const scrypt = `$scrypt$ln=4,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`

function fileOf(text: string) {
  const result = readCredentialFile(text)
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems))
  return result
}

function problemsOf(text: string): string[] {
  const result = readCredentialFile(text)
  assert.ok(!result.ok, 'it has problems')
  return result.problems.map(problem => problemText('k', problem))
}

test('an empty file, comments alone and empty sections hold nothing', () => {
  for (const text of ['', '\n', '# nothing\n', 'keys:\n', 'keys: {}\nusers:\n', '{}', 'null']) {
    const { keys, users } = fileOf(text).file
    assert.deepEqual([keys.size, users.size], [0, 0], text)
  }
})

test('keys and users are read with all that is said of them', () => {
  const { keys, users } = fileOf(`
keys:
  123: { name: shop, hash: "${hash}", created: 2026-01-01T00:00:00Z, expires: 2030-01-31, scopes: [a:b, c], labels: { x: "1" } }
  b: { name: shop, hash: "${hash}", revoked: 2026-01-02T00:00:00+02:00 }
  c: { name: shop, hash: "${hash}", revoked: true }
  d: { name: shop, hash: "${hash}", revoked: false, scopes: [], labels: , limit: 500/1m }
users:
  "ann b": { hash: "${scrypt}", limit: 1/5ms }
`).file
  assert.deepEqual(keys.get('123'), {
    name: 'shop',
    digest: Buffer.alloc(32),
    createdAt: Date.UTC(2026, 0, 1),
    expiresAt: Date.UTC(2030, 0, 31),
    revoked: false,
    scopes: ['a:b', 'c'],
    labels: { x: '1' }
  })
  assert.deepEqual(
    [...keys.values()].map(({ revoked }) => revoked),
    [false, true, true, false]
  )
  assert.deepEqual(
    [keys.get('d')?.limit, users.get('ann b')?.limit],
    [
      { limit: 500, windowMs: 60_000 },
      { limit: 1, windowMs: 5 }
    ]
  )
  assert.deepEqual([users.get('ann b')?.name, users.get('ann b')?.password.text], ['ann b', scrypt])
})

describe('a problem has its place, and shows no hash', () => {
  const entry = (more: string) => `keys:\n  a:\n    name: x\n    hash: ${hash}\n    ${more}\n`
  const table: readonly (readonly [text: string, problem: RegExp])[] = [
    ['keys: [\n', /^k:2:1 {2}/],
    ['- a\n', /^k:1:1 {2}is no mapping$/],
    ['key: {}\n', /^k:1:1 {2}unknown key; accepted: keys, users$/],
    ['keys:\n  a: 1\n', /^k:2:3 {2}is no mapping$/],
    ['keys:\n  a b:\n    name: x\n', /^k:2:3 {2}is no ID of a key; accepted: letters/],
    ['keys:\n  a: { name: x }\n', /^k:2:3 {2}is no hash of a key; accepted: sha256: and 64 hexadecimal digits$/],
    ['keys:\n  a: { name: x, hash: s3cret }\n', /^k:2:17 {2}is no hash of a key/],
    [`keys:\n  a: { hash: "${hash}" }\n`, /^k:2:3 {2}is no name; accepted/],
    [`keys:\n  a: { hash: "${hash}", name: "x\\u0000" }\n`, /is no name; accepted/],
    [entry('nmae: y'), /^k:5:5 {2}unknown key; accepted: name, hash/],
    [entry('name: y'), /^k:5:5 {2}"name" is there twice$/],
    [entry('expires: soon'), /^k:5:5 {2}is no time; accepted: one such as 2030/],
    [entry('expires: 2030-13-01'), /^k:5:5 {2}is no time/],
    [entry('expires: 1893456000'), /^k:5:5 {2}is no time/],
    [entry('revoked: maybe'), /^k:5:5 {2}is no time/],
    [entry('scopes: a'), /^k:5:5 {2}is no list of scopes/],
    [entry('scopes: [a b]'), /^k:5:5 {2}is no list of scopes/],
    [entry('labels: { n: 1 }'), /^k:5:15 {2}is no text; accepted: a text/],
    [entry('limit: 500'), /^k:5:5 {2}is no limit; accepted: requests and the window, such as 500\/1m: 1 to a billion of them/],
    ...['0/1m', '500/0m', '500/25d', '1000000001/1m', '500/m', '500 / 1m', '-1/1m', '1e3/1m', '500/1.5h', '{ limit: 5 }'].map(
      each => [entry(`limit: ${each}`), /^k:5:5 {2}is no limit; accepted/] as const
    ),
    [`users:\n  "a:b": { hash: "${scrypt}" }\n`, /^k:2:3 {2}is no name of a user/],
    ['users:\n  a: { hash: password }\n', /^k:2:8 {2}is no hash of a password/],
    [`users:\n  a: { hash: "${scrypt.replace('ln=4', 'ln=30')}" }\n`, /^k:2:8 {2}is no hash of a password; .* 256 MiB$/],
    ['keys: &a\n  x: *b\n', /^k:1:1 {2}Unresolved alias/]
  ]
  for (const [text, problem] of table)
    test(JSON.stringify(text), () => {
      const all = problemsOf(text)
      assert.match(all[0] ?? '', problem)
      assert.doesNotMatch(all.join('\n'), /s3cret|0000000|AAAAAA/)
    })
})

test('a file that was made to fill the memory is a problem', () => {
  const lines = ['a: &a0 [x, x, x, x, x, x, x, x, x]']
  for (let i = 1; i < 12; i++)
    lines.push(
      `b${i}: &a${i} [${Array(9)
        .fill(`*a${i - 1}`)
        .join(', ')}]`
    )
  assert.equal(problemsOf(lines.join('\n')).length > 0, true)
})

test('ten thousand keys are read, and one that is there twice is found', () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `  k${i}: { name: n${i}, hash: "${hash}" }`)
  assert.equal(fileOf(`keys:\n${lines.join('\n')}\n`).file.keys.size, 10_000)
  assert.match(
    problemsOf(`keys:\n${lines.join('\n')}\n  k7: { name: x, hash: "${hash}" }\n`)[0] ?? '',
    /^k:10002:3 {2}"k7" is there twice/
  )
})

describe('a changed file', () => {
  const written = `# ours\nkeys:\n  # the shop\n  a: { name: shop, hash: "${hash}", labels: { t: "1" } } # old\n  b:\n    name: other\n    hash: ${hash} # a\n`

  test('keeps every entry and every comment', () => {
    const { document, file } = fileOf(written)
    const key = addKey(document, file, { name: 'new', created: '2026-01-01', scopes: ['s'], labels: {} })
    revoke(document, 'keys', 'a', '2026-01-02')
    const text = documentText(document)
    for (const comment of ['# ours', '# the shop', '# old', '# a']) assert.ok(text.includes(comment), comment)
    const { keys } = fileOf(text).file
    assert.deepEqual([...keys.keys()], ['a', 'b', parseApiKey(key)?.id])
    assert.deepEqual([keys.get('a')?.revoked, keys.get('a')?.labels, keys.get('b')?.revoked], [true, { t: '1' }, false])
    assert.ok(!text.includes(parseApiKey(key)?.secret ?? key))
  })

  test('has the limit of a new key, in the largest unit', () => {
    for (const [windowMs, text] of [
      [60_000, '500/1m'],
      [90_000, '500/90s'],
      [86_400_000, '500/1d'],
      [1, '500/1ms']
    ] as const) {
      const { document, file } = fileOf('')
      addKey(document, file, { name: 'n', created: '2026-01-01', scopes: [], labels: {}, limit: { limit: 500, windowMs } })
      assert.ok(documentText(document).includes(`limit: ${text}\n`), text)
      const [key] = fileOf(documentText(document)).file.keys.values()
      assert.deepEqual(key?.limit, { limit: 500, windowMs })
    }
  })

  test('may have been empty, or without the section', () => {
    for (const before of ['', '# mine\n', 'keys:\n', 'users: {}\n']) {
      const { document, file } = fileOf(before)
      addKey(document, file, { name: 'n', created: '2026-01-01', scopes: [], labels: {} })
      const text = documentText(document)
      assert.equal(fileOf(text).file.keys.size, 1, before)
      assert.equal(text.includes('# mine'), before.includes('# mine'))
    }
  })

  test('names that YAML reads in its own way stay what they are', () => {
    for (const name of ['true', 'null', '123', '1e3', '- x', '# x', 'a: b', '*a', '"', "it's", '%', '2026-01-01', '\u{1f600}']) {
      const { document, file } = fileOf('')
      addKey(document, file, {
        name,
        created: '2026-01-01',
        scopes: [name.replace(/[ "]/g, '_').replace('\u{1f600}', 'x')],
        labels: { [name]: name }
      })
      const [key] = fileOf(documentText(document)).file.keys.values()
      assert.deepEqual([key?.name, key?.labels], [name, { [name]: name }])
    }
  })
})
