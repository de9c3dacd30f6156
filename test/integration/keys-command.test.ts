import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { isSecret, parseApiKey } from '../../src/credentials/api-key.ts'
import { readCredentialFile } from '../../src/credentials/credential-file.ts'
import { isPassword } from '../../src/credentials/password.ts'
import { temporary } from '../support/temporary.ts'

const launcher = path.resolve(import.meta.dirname, '../../bin/evergate.js')

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** `evergate keys` in a process of its own, in a directory that goes with the test. */
async function inDirectory(t: TestContext) {
  const cwd = await temporary(t)
  const run = async (args: readonly string[], stdin = ''): Promise<Ran> => {
    const child = spawn(process.execPath, [launcher, 'keys', ...args], { cwd })
    const exited = once(child, 'exit')
    // One that does not read ends before it was told.
    child.stdin.on('error', () => {}).end(stdin)
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [code]: (number | null)[] = await exited
    return { code: code ?? null, out, err }
  }
  const file = path.join(cwd, 'k.yaml')
  const content = async () => {
    const result = readCredentialFile(await readFile(file, 'utf8'))
    assert.ok(result.ok)
    return result.file
  }
  return { cwd, file, run, content }
}

test('add prints the key alone, once, and stores its hash in a file for the owner', async t => {
  const { cwd, file, run, content } = await inDirectory(t)
  const { code, out, err } = await run(['add', 'shop', '--file', 'k.yaml'])
  assert.equal(code, 0)
  assert.match(out, /^[A-Za-z0-9_.-]+\n$/)
  assert.ok(!err.includes(out.trim()))
  const key = parseApiKey(out.trim())
  assert.ok(key)
  const stored = (await content()).keys.get(key.id)
  assert.ok(stored && isSecret(key.secret, stored.digest))
  assert.equal(stored.name, 'shop')
  assert.ok(!(await readFile(file, 'utf8')).includes(key.secret))
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.deepEqual(await readdir(cwd), ['k.yaml'])
})

test('scopes, labels, the limit and the end are stored, and the key is printed alone', async t => {
  const { run, content } = await inDirectory(t)
  const args = [
    '--scope',
    'a:b',
    '--scope',
    'c',
    '--label',
    'team=web',
    '--label',
    'x=1=2',
    '--expires',
    '90d',
    '--limit',
    '500/1m'
  ]
  const before = Date.now()
  const { code, out } = await run(['add', 'shop', '--file', 'k.yaml', ...args])
  assert.equal(code, 0)
  assert.match(out, /^[A-Za-z0-9_.-]+\n$/)
  const key = (await content()).keys.get(parseApiKey(out.trim())?.id ?? '')
  assert.deepEqual([key?.scopes, key?.labels], [['a:b', 'c'], { team: 'web', x: '1=2' }])
  assert.deepEqual(key?.limit, { limit: 500, windowMs: 60_000 })
  const days = ((key?.expiresAt ?? 0) - before) / 86_400_000
  assert.ok(days >= 90 && days < 91, `${days} days`)
})

test('commands at the same time do not undo each other', async t => {
  const { run, content } = await inDirectory(t)
  const ran = await Promise.all(Array.from({ length: 6 }, (_, i) => run(['add', `n${i}`, '--file', 'k.yaml'])))
  assert.deepEqual(
    ran.map(({ code }) => code),
    Array(6).fill(0)
  )
  const names = [...(await content()).keys.values()].map(({ name }) => name)
  assert.deepEqual(
    names.toSorted(),
    Array.from({ length: 6 }, (_, i) => `n${i}`)
  )
})

test('a key is revoked by its ID, and all keys of a name together; comments stay', async t => {
  const { file, run, content } = await inDirectory(t)
  await writeFile(file, '# ours\n')
  const ids: string[] = []
  for (const name of ['shop', 'shop', 'shop', 'other'])
    ids.push(parseApiKey((await run(['add', name, '--file', 'k.yaml'])).out.trim())?.id ?? '')
  const revoked = async () => ids.map(id => content().then(({ keys }) => keys.get(id)?.revoked))
  assert.equal((await run(['revoke', ids[1] ?? '', '--file', 'k.yaml'])).code, 0)
  assert.deepEqual(await Promise.all(await revoked()), [false, true, false, false])
  const { code, out } = await run(['revoke', 'shop', '--file', 'k.yaml'])
  assert.deepEqual([code, out], [0, ''])
  assert.deepEqual(await Promise.all(await revoked()), [true, true, true, false])
  assert.equal((await run(['revoke', 'shop', '--file', 'k.yaml'])).code, 0)
  assert.equal((await run(['revoke', 'nobody', '--file', 'k.yaml'])).code, 1)
  assert.ok((await readFile(file, 'utf8')).startsWith('# ours\n'))
})

test('list shows what there is, and no hash', async t => {
  const { run } = await inDirectory(t)
  const { out } = await run(['add', 'shop', '--file', 'k.yaml', '--scope', 'a'])
  const id = parseApiKey(out.trim())?.id
  await run(['add', 'gone', '--file', 'k.yaml'])
  await run(['revoke', 'gone', '--file', 'k.yaml'])
  const lines = await run(['list', '--file', 'k.yaml'])
  assert.match(lines.out, new RegExp(`^${id} +active +shop .*\\n\\S+ +revoked +gone .*\\n$`))
  const { code, out: json } = await run(['list', '--file', 'k.yaml', '--json'])
  const { keys, users } = JSON.parse(json)
  assert.deepEqual([code, keys.length, keys[0].id, keys[0].state, keys[0].scopes, users], [0, 2, id, 'active', ['a'], []])
  assert.doesNotMatch(lines.out + json, /sha256/)
})

test('list shows limits, of users too', async t => {
  const { run } = await inDirectory(t)
  await run(['add', 'shop', '--file', 'k.yaml', '--limit', '120/60s'])
  await run(['add', 'free', '--file', 'k.yaml'])
  await run(['add', 'ann', '--basic', '--file', 'k.yaml', '--limit', '5/1h'], 'correct horse')
  const { out } = await run(['list', '--file', 'k.yaml'])
  assert.match(out, /^\S+ +active +shop .* limit 120\/1m\n.*\n\(password\) +active +ann .* limit 5\/1h\n$/)
  assert.equal(out.match(/limit/g)?.length, 2)
  const { keys, users } = JSON.parse((await run(['list', '--file', 'k.yaml', '--json'])).out)
  assert.deepEqual([keys[0].limit, keys[1].limit, users[0].limit], ['120/1m', null, '5/1h'])
})

test('a password is read from standard input and stored by a slow hash', async t => {
  const { run, content, file } = await inDirectory(t)
  const { code, out } = await run(['add', 'ann', '--basic', '--file', 'k.yaml', '--scope', 'a'], 'correct horse\nmore')
  assert.deepEqual([code, out], [0, ''])
  const ann = (await content()).users.get('ann')
  assert.ok(ann && (await isPassword('correct horse', ann.password)))
  assert.deepEqual(ann.scopes, ['a'])
  assert.ok(!(await readFile(file, 'utf8')).includes('correct'))
  assert.match((await run(['list', '--file', 'k.yaml'])).out, /^\(password\) +active +ann/)
  assert.equal((await run(['revoke', 'ann', '--file', 'k.yaml'])).code, 1)
  assert.equal((await run(['revoke', 'ann', '--basic', '--file', 'k.yaml'])).code, 0)
  assert.equal((await content()).users.get('ann')?.revoked, true)
})

test('a password that is too short, or none, is refused', async t => {
  const { run, cwd } = await inDirectory(t)
  for (const stdin of ['', '\n', 'short\n', 'with a \t tab\n', 'x'.repeat(2000)])
    assert.equal((await run(['add', 'ann', '--basic', '--file', 'k.yaml'], stdin)).code, 1, JSON.stringify(stdin.slice(0, 20)))
  assert.deepEqual(await readdir(cwd), [])
})

test('a file that cannot be used is left as it is', async t => {
  const { run, file, cwd } = await inDirectory(t)
  const broken = 'keys:\n  a: { name: x, hash: y }\n'
  await writeFile(file, broken)
  for (const args of [['add', 'x'], ['list'], ['revoke', 'x']]) {
    const { code, out, err } = await run([...args, '--file', 'k.yaml'])
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, /^k\.yaml:2:17 {2}is no hash of a key/)
  }
  assert.deepEqual([await readFile(file, 'utf8'), await readdir(cwd)], [broken, ['k.yaml']])
  await mkdir(path.join(cwd, 'd'))
  for (const place of ['d', 'none/k.yaml', 'k.yaml/k']) {
    const { code, out, err } = await run(['add', 'x', '--file', place])
    assert.deepEqual([code, out], [1, ''], place)
    assert.match(err, /^evergate keys: .* cannot be (read|written): E/)
  }
})

test('a link stays one; a file that its group may read stays so, and one that all could read does not', async t => {
  const { run, file, cwd } = await inDirectory(t)
  const real = path.join(cwd, 'real.yaml')
  await writeFile(real, '')
  await symlink(real, file)
  const modeAfter = async (mode: number) => {
    await chmod(real, mode)
    assert.equal((await run(['add', 'x', '--file', 'k.yaml'])).code, 0)
    return (await stat(real)).mode & 0o777
  }
  assert.deepEqual([await modeAfter(0o644), await modeAfter(0o640), await modeAfter(0o600)], [0o600, 0o640, 0o600])
  assert.deepEqual((await readdir(cwd)).toSorted(), ['k.yaml', 'real.yaml'])
  const result = readCredentialFile(await readFile(real, 'utf8'))
  assert.equal(result.ok && result.file.keys.size, 3)
})

test('an absent or empty file has no keys', async t => {
  const { run, file } = await inDirectory(t)
  const absent = await run(['list', '--file', 'k.yaml', '--json'])
  assert.deepEqual(
    [absent.code, JSON.parse(absent.out), absent.err],
    [0, { keys: [], users: [] }, 'k.yaml cannot be read: there is no such file\n']
  )
  await writeFile(file, '')
  assert.deepEqual(await run(['list', '--file', 'k.yaml']), { code: 0, out: '', err: '' })
  assert.equal((await run(['revoke', 'x', '--file', 'k.yaml'])).code, 1)
})

test('wrong usage exits 2 and says what is wrong; help is printed', async t => {
  const { run, cwd } = await inDirectory(t)
  const file = ['--file', 'k.yaml']
  const table: readonly (readonly [args: readonly string[], wrong: RegExp])[] = [
    [[], /add, list or revoke\?/],
    [['frob', ...file], /"frob" is unknown/],
    [['constructor', ...file], /"constructor" is unknown/],
    [['add', ...file], /add takes a name/],
    [['add', 'x'], /name the file with --file FILE/],
    [['add', 'x', 'y', ...file], /"y" is left over/],
    [['list', 'x', ...file], /"x" is left over/],
    [['add', 'x\ny', ...file], /a name has at most 128 characters/],
    [['add', 'x:y', '--basic', ...file], /or a colon/],
    [['add', 'x', '--json', ...file], /add takes no --json/],
    [['list', '--scope', 'a', ...file], /list takes no --scope/],
    [['add', 'x', '--scope', 'a b', ...file], /--scope is a text without spaces/],
    [['add', 'x', '--label', 'a', ...file], /--label is NAME=VALUE/],
    [['add', 'x', '--expires', '90', ...file], /--expires is a time such as 12h, 90d or 2030-01-31, not "90"/],
    [['add', 'x', '--expires', '0d', ...file], /--expires is a time to come/],
    [['add', 'x', '--expires', '2020-01-01', ...file], /--expires is a time to come/],
    [['add', 'x', '--limit', '500', ...file], /--limit is requests and the window, such as 500\/1m: .*; not "500"/],
    [['add', 'x', '--limit', '0/1m', ...file], /--limit is requests and the window/],
    [['list', '--limit', '5/1m', ...file], /list takes no --limit/],
    [['add', 'x', '--what', ...file], /--what/]
  ]
  const ran = await Promise.all(table.map(([args]) => run(args)))
  for (const [index, { code, out, err }] of ran.entries()) {
    const [args, wrong] = table[index] ?? [[], /./]
    assert.deepEqual([code, out], [2, ''], args.join(' '))
    assert.match(err, wrong)
    assert.match(err, /^evergate keys: .*\nUsage: evergate keys add/)
  }
  const help = await run(['--help'])
  assert.deepEqual([help.code, help.err], [0, ''])
  assert.match(help.out, /^Usage: evergate keys add/)
  assert.deepEqual(await readdir(cwd), [])
})
