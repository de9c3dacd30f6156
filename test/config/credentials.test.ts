import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { parseConfig } from '../../config/parse.ts'
import { formatProblem } from '../../config/problem.ts'
import { maskedConfig } from '../../routes/admin/config.ts'
import { configOf, directoryWith, parseText, problemsOf, small } from './reading.ts'

const introspection = 'introspection: { url: "https://login.example.com/i", clientId: a, clientSecret: s3cret }'
const security = (text: string) => `${small}security: { ${text} }\n`

test('what is left out has its default, and files count from the configuration', async t => {
  const directory = await directoryWith(t, { 'keys.yaml': '' })
  const text = security(
    `apiKeys: { file: keys.yaml }, basic: { file: ./keys.yaml }, ${introspection}, service: { url: "http://127.0.0.1:1/a?b" }`
  )
  const file = join(directory, 'keys.yaml')
  const { allow, deny, jwt, ...credentials } = configOf(text, {}, directory).security
  assert.deepEqual([allow, deny, jwt], [[], [], []])
  assert.deepEqual(credentials, {
    apiKeys: { file, header: 'x-api-key', authorization: false, realm: 'api', passOn: true },
    basic: { file, realm: 'api', passOn: true },
    introspection: {
      url: 'https://login.example.com/i',
      clientId: 'a',
      clientSecret: 's3cret',
      timeout: 2000,
      cache: 60_000,
      realm: 'api',
      passOn: true
    },
    service: {
      url: 'http://127.0.0.1:1/a?b',
      timeout: 2000,
      forwardHeaders: ['authorization', 'cookie'],
      nameHeader: 'x-auth-request-user',
      responseHeaders: []
    }
  })
})

test('the secret is masked', () => {
  assert.ok(!JSON.stringify(maskedConfig(configOf(security(introspection)))).includes('s3cret'))
})

test('a parameter that keys come in is masked in the log', async t => {
  const directory = await directoryWith(t, { 'keys.yaml': '' })
  const config = configOf(security('apiKeys: { file: keys.yaml, query: k }'), {}, directory)
  assert.deepEqual(config.logging.redact, ['k'])
})

describe('refused is', () => {
  const table: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
    ['no file', 'apiKeys: {}', /security\.apiKeys\.file {2}is missing; accepted: a text/],
    [
      'a file that is not there',
      'apiKeys: { file: none.yaml }',
      /security\.apiKeys\.file {2}\S+none\.yaml cannot be read: there is no such file; `evergate keys add` makes one$/
    ],
    ['a directory', 'basic: { file: . }', /security\.basic\.file {2}\S+ cannot be read: it is no file; /],
    ['a broken file', 'apiKeys: { file: bad.yaml }', /security\.apiKeys\.file {2}\S+bad\.yaml:2:17 {2}is no hash of a key/],
    [
      'a URL with a password',
      'service: { url: "http://u:hidden@a/" }',
      /security\.service\.url {2}"http:\/\/\*\*\*@a\/" has a user or password; accepted: an https or http URL/
    ],
    ['a URL of another scheme', 'service: { url: "ftp://a/" }', /is no URL/],
    ['a URL with a fragment', 'service: { url: "http://a/#x" }', /has a fragment/],
    ['no secret', 'introspection: { url: "http://a", clientId: a }', /security\.introspection\.clientSecret {2}is missing/],
    ['no time', 'service: { url: "http://a", timeout: 0 }', /security\.service\.timeout {2}0 is too short/],
    [
      "a header of the gateway's own",
      'service: { url: "http://a", forwardHeaders: [cookie, X-Forwarded-For] }',
      /forwardHeaders\[1\] {2}x-forwarded-for is what the gateway itself says/
    ],
    [
      'a header of the connection',
      'service: { url: "http://a", forwardHeaders: [content-length] }',
      /content-length belongs to the connection/
    ],
    ['a realm of two lines', 'basic: { file: ., realm: "a\\nb" }', /security\.basic\.realm {2}the value is no value of a header/],
    ['an unknown key', 'apiKeys: { fiel: a }', /security\.apiKeys\.fiel {2}unknown key; did you mean file\?/]
  ]
  for (const [what, text, problem] of table)
    test(what, async t => {
      const directory = await directoryWith(t, { 'bad.yaml': 'keys:\n  a: { name: x, hash: nothing }\n' })
      const problems = problemsOf(security(text), {}, directory)
      assert.ok(
        problems.some(each => problem.test(each)),
        problems.join('\n')
      )
      assert.doesNotMatch(problems.join('\n'), /hidden/)
    })
})

test('credentials that go over a network in clear are warned of', () => {
  const warningsOf = (url: string) => {
    const result = parseText(security(`service: { url: "${url}" }`))
    assert.ok(result.ok)
    return result.warnings.map(formatProblem).filter(each => each.includes('TLS')).length
  }
  const counts = [
    'http://10.0.0.1/',
    'http://a.example',
    'http://[2001:db8::1]/',
    'https://a.example',
    'http://127.0.0.1:1',
    'http://[::1]/',
    'http://auth:80',
    'http://localhost'
  ]
  assert.deepEqual(counts.map(warningsOf), [1, 1, 1, 0, 0, 0, 0, 0])
})

test('limits of keys that no route asks about are warned of', async t => {
  const entry = (more: string) => `keys: { a: { name: x, hash: "sha256:${'0'.repeat(64)}"${more} } }\n`
  const directory = await directoryWith(t, { 'own.yaml': entry(', limit: 500/1m'), 'none.yaml': entry('') })
  const warned = (file: string, route: string) => {
    const text = `upstreams: { api: { targets: [http://127.0.0.1:3000] } }
security: { apiKeys: { file: ${file}.yaml }, basic: { file: none.yaml } }
routes: [{ prefix: /, upstream: api, ${route} }]
`
    const result = parseText(text, {}, directory)
    assert.ok(result.ok, result.ok ? '' : result.problems.map(formatProblem).join('\n'))
    return result.warnings.map(formatProblem).filter(each => each.includes('no effect'))
  }
  const consumer = 'rateLimit: { limit: 9, window: 1m, by: consumer }'
  assert.deepEqual(warned('own', `auth: apiKey, ${consumer}`), [])
  assert.deepEqual(warned('own', `auth: [basic, apiKey], rateLimit: [{ limit: 9, window: 1m }, ${consumer.slice(11)}]`), [])
  assert.deepEqual(warned('none', 'auth: apiKey'), [])
  for (const route of [
    'auth: apiKey',
    `auth: basic, ${consumer}`,
    'auth: apiKey, rateLimit: { limit: 9, window: 1m }',
    'auth: apiKey, rateLimit: { limit: 9, by: consumer, algorithm: concurrency }'
  ]) {
    const [warning, ...more] = warned('own', route)
    assert.match(
      warning ?? '',
      /security\.apiKeys\.file {2}has limits, which have no effect: no route that asks for apiKey/,
      route
    )
    assert.deepEqual(more, [])
  }
})

test('a configuration without a file is read the same way', () => {
  const result = parseConfig({ security: { service: { url: 'https://a.example/x' } } })
  assert.ok(result.ok && result.config.security.service?.url === 'https://a.example/x')
})
