// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment are written like this
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { jsonSchemaText } from '../../config/json-schema.ts'
import { check } from '../../src/cli/check.ts'
import type { Io } from '../../src/cli/io.ts'
import { schema } from '../../src/cli/schema.ts'
import { directoryWith, small } from './reading.ts'

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function run(command: typeof check, args: string[], cwd: string, env: Io['env'] = {}): Promise<Ran> {
  let out = ''
  let err = ''
  const io: Io = { stdout: text => void (out += text), stderr: text => void (err += text), env, cwd }
  return { code: await command(args, io), out, err }
}

test('check says in one line what a good configuration holds', async t => {
  const cwd = await directoryWith(t, { 'gateway.yaml': small })
  assert.deepEqual(await run(check, [], cwd), {
    code: 0,
    out: 'gateway.yaml: 1 route, 1 upstream, 1 target, 0 warnings\n',
    err: ''
  })
})

test('check prints warnings and is content', async t => {
  const cwd = await directoryWith(t, { 'a.yaml': 'upstreams: { a: { targets: [http://a] } }\n' })
  assert.deepEqual(await run(check, ['-c', 'a.yaml'], cwd), {
    code: 0,
    out: 'a.yaml:1:17  upstreams.a  warning: no route uses this upstream\na.yaml: 0 routes, 1 upstream, 1 target, 1 warning\n',
    err: ''
  })
})

test('check prints every problem and exits 1', async t => {
  const cwd = await directoryWith(t, { 'a.yaml': 'admin: "${ADMIN}"\nlistn: 1\n' })
  const { code, out, err } = await run(check, ['--config', 'a.yaml'], cwd, { ADMIN: 'x' })
  assert.equal(code, 1)
  assert.deepEqual(
    out.split('\n').map(line => line.split('  ')[0]),
    ['a.yaml:1:8', 'a.yaml:2:1', '']
  )
  assert.equal(err, 'a.yaml: 2 problems\n')
})

test('check --json prints the same as JSON', async t => {
  const cwd = await directoryWith(t, { 'bad.yaml': 'listn: 1\n' })
  await mkdir(join(cwd, 'config'))
  const bad = await run(check, ['-c', 'bad.yaml', '--json'], cwd)
  const { ok, problems } = JSON.parse(bad.out)
  assert.deepEqual([bad.code, bad.err, ok, problems.length, problems[0].file, problems[0].line], [1, '', false, 1, 'bad.yaml', 1])
  const good = await run(check, ['--json', '-c', 'config/../bad.yaml'], cwd)
  assert.equal(good.code, 1)
})

test('check --json counts what a good configuration holds', async t => {
  const cwd = await directoryWith(t, { 'gateway.yaml': small })
  const { code, out } = await run(check, ['--json'], cwd)
  const { revision, ...rest } = JSON.parse(out)
  assert.equal(code, 0)
  assert.match(revision, /^[0-9a-f]{12}$/)
  assert.deepEqual(rest, { ok: true, file: 'gateway.yaml', routes: 1, upstreams: 1, targets: 1, warnings: [] })
})

test('wrong usage exits 2, a missing file is a problem', async t => {
  const cwd = await directoryWith(t, {})
  assert.equal((await run(check, ['--jsn'], cwd)).code, 2)
  assert.equal((await run(check, ['more'], cwd)).code, 2)
  assert.equal((await run(schema, ['more'], cwd)).code, 2)
  const none = await run(check, [], cwd)
  assert.deepEqual([none.code, none.out], [2, ''])
  assert.match(none.err, /name the file with -c FILE/)
  assert.deepEqual(await run(check, ['-c', 'a.yaml'], cwd), {
    code: 1,
    out: 'a.yaml  cannot be read: there is no such file\n',
    err: 'a.yaml: 1 problem\n'
  })
})

test('schema prints the JSON Schema, and both have help', async t => {
  const cwd = await directoryWith(t, {})
  assert.deepEqual(await run(schema, [], cwd), { code: 0, out: jsonSchemaText(), err: '' })
  assert.match((await run(schema, ['--help'], cwd)).out, /^Usage: evergate schema/)
  assert.match((await run(check, ['-h'], cwd)).out, /^Usage: evergate check/)
})
