import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { findConfig, readConfig } from '../../config/read.ts'
import type { ParseResult } from '../../config/types.ts'
import { configOf, directoryWith, problemsOf, small } from './reading.ts'

function linesOf(result: ParseResult): string[] {
  return result.ok ? [] : result.problems.map(formatProblem)
}

test('YAML, JSON and modules give the same configuration, by the ending of the file', async t => {
  const input = { upstreams: { api: { targets: ['http://127.0.0.1:3000'] } }, routes: [{ prefix: '/', upstream: 'api' }] }
  const json = JSON.stringify(input, null, '\t')
  const directory = await directoryWith(t, {
    'g.yaml': small,
    'g.json': json,
    'g.ts': `const input: object = ${json}\nexport default input\n`,
    'g.mjs': `export default ${json}\n`
  })
  const revisions = new Set<string | undefined>()
  for (const name of ['g.yaml', 'g.json', 'g.ts', 'g.mjs']) {
    const result = await readConfig(join(directory, name), {})
    assert.deepEqual(linesOf(result), [], name)
    revisions.add(result.ok ? result.config.revision : undefined)
  }
  assert.equal(revisions.size, 1)
})

test('JSON has places, and its escapes are read', async t => {
  const directory = await directoryWith(t, {
    'g.json': '{\n\t"$schema": "x",\n\t"admin": { "token": "\\ud83d\\ude00\\/" },\n\t"listn": 1\n}\n'
  })
  const file = join(directory, 'g.json')
  const [line] = linesOf(await readConfig(file, {}))
  assert.match(line ?? '', /g\.json:4:2 {2}listn {2}unknown key; did you mean listen\?/)
  await writeFile(file, '{ "admin": { "token": "\\ud83d\\ude00\\/" } }')
  const result = await readConfig(file, {})
  assert.ok(result.ok)
  assert.deepEqual(result.config.admin, { host: '127.0.0.1', port: 9901, token: '😀/' })
})

test('a module that has changed is read again, and its problems name the file alone', async t => {
  const directory = await directoryWith(t, { 'g.ts': 'export default { admin: false }\n' })
  const file = join(directory, 'g.ts')
  assert.ok((await readConfig(file, {})).ok)
  await writeFile(file, 'export default { admin: 1.5 }\n')
  const [line] = linesOf(await readConfig(file, {}))
  assert.equal(line?.slice(0, file.length + 16), `${file}  admin  1.5 is `)
})

test('a file that cannot be used is a problem', async t => {
  const directory = await directoryWith(t, {
    'empty.yaml': '\n',
    'comment.yaml': '# nothing\n',
    'g.toml': '',
    'none.ts': 'export const a = 1\n',
    'broken.ts': 'export default {{\n',
    'throws.mjs': "throw new Error('no luck')\n"
  })
  const messages = new Map<string, string>()
  for (const name of ['missing.yaml', '.', 'empty.yaml', 'comment.yaml', 'g.toml', 'none.ts', 'broken.ts', 'throws.mjs']) {
    const result = await readConfig(join(directory, name), {})
    assert.ok(!result.ok, name)
    messages.set(name, result.problems[0]?.message ?? '')
  }
  assert.deepEqual(Object.fromEntries([...messages].filter(([name]) => name !== 'broken.ts')), {
    'missing.yaml': 'cannot be read: there is no such file',
    '.': 'cannot be read: it is a directory',
    'empty.yaml': 'is empty; accepted: a mapping with upstreams, routes and more',
    'comment.yaml': 'is no configuration; accepted: a mapping with upstreams, routes and more',
    'g.toml': 'has an unknown ending; accepted: .yaml, .yml, .json, .ts, .mts, .js, .mjs',
    'none.ts': 'has no default export; accepted: export default defineConfig({ ... })',
    'throws.mjs': 'cannot be loaded: no luck'
  })
  assert.match(messages.get('broken.ts') ?? '', /^cannot be loaded: /)
})

test('gateway.yaml is found before config/gateway.yaml', async t => {
  const directory = await directoryWith(t, {})
  assert.equal(findConfig(directory), undefined)
  await mkdir(join(directory, 'config'))
  await writeFile(join(directory, 'config', 'gateway.yaml'), small)
  assert.equal(findConfig(directory), join(directory, 'config', 'gateway.yaml'))
  await writeFile(join(directory, 'gateway.yaml'), small)
  assert.equal(findConfig(directory), join(directory, 'gateway.yaml'))
})

test('secrets are read from files beside the configuration, without their final line end', async t => {
  const directory = await directoryWith(t, { token: 's3cret\n', empty: '\n' })
  assert.deepEqual(configOf(`${small}admin: { token: { file: token } }\n`, {}, directory).admin, {
    host: '127.0.0.1',
    port: 9901,
    token: 's3cret'
  })
  const text = `${small}admin: { token: { file: "\${DIR}/token" } }\n`
  assert.deepEqual(configOf(text, { DIR: directory }).admin, { host: '127.0.0.1', port: 9901, token: 's3cret' })
  const problems = ['none', 'empty', '.'].map(
    file => problemsOf(`${small}admin: { token: { file: ${file} } }\n`, {}, directory)[0]
  )
  assert.deepEqual(problems, [
    `g.yaml:3:17  admin.token  ${directory}/none cannot be read: there is no such file`,
    'g.yaml:3:17  admin.token  empty is empty; accepted: a file that holds the secret',
    `g.yaml:3:17  admin.token  ${directory} is no file`
  ])
  assert.deepEqual(problemsOf(`${small}admin: { token: 12345 }\n`), [
    'g.yaml:3:17  admin.token  a number is not accepted here; accepted: a text, or { file: path }'
  ])
})

test('certificates are checked as a whole', async t => {
  const pem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const directory = await directoryWith(t, { 'ca.pem': pem, 'no.pem': 'x' })
  const group = (tls: string): string =>
    `upstreams: { a: { targets: [https://a], tls: ${tls} } }\nroutes: [{ prefix: /, upstream: a }]\n`
  const first = (tls: string): string => problemsOf(group(tls), {}, directory)[0] ?? ''
  assert.match(first('{ ca: ca.pem }'), /^g\.yaml:1:46 {2}upstreams\.a\.tls {2}ca, cert or key cannot be used: /)
  assert.equal(
    first('{ cert: { file: ca.pem } }'),
    'g.yaml:1:46  upstreams.a.tls  has cert without key; accepted: both, or neither'
  )
  assert.equal(
    first('{ ca: no.pem }'),
    'g.yaml:1:52  upstreams.a.tls.ca  the file holds no PEM text; accepted: -----BEGIN ... and what follows'
  )
  assert.equal(
    first('{ ca: "MIIB\\nMIIB" }').split('  ').at(-1),
    'the value is no PEM text; accepted: the path of a PEM file, { file: path }, or the PEM text itself'
  )
})

test('a plugin whose file is not there is a problem of a configuration that was read from a file', async t => {
  const directory = await directoryWith(t, { 'here.ts': '' })
  const text = `${small}plugins: [{ use: ./here.ts }, { use: ./gone.ts }]\n`
  assert.deepEqual(problemsOf(text, {}, directory), [
    `g.yaml:3:38  plugins[1].use  ${directory}/gone.ts cannot be read: there is no such file`
  ])
})
