import assert from 'node:assert/strict'
import test from 'node:test'
import { parseConfig } from '../../config/parse.ts'
import { configOf, small } from './reading.ts'

test('what is absent has its default', () => {
  const { revision, ...config } = configOf(small)
  assert.match(revision, /^[0-9a-f]{12}$/)
  assert.deepEqual(config, {
    file: 'g.yaml',
    listen: [{ host: '0.0.0.0', port: 8080, http2: { maxStreams: 128 } }],
    admin: { host: '127.0.0.1', port: 9901 },
    trustProxy: [],
    store: 'memory',
    timeouts: { headers: 10_000, request: 60_000, keepAlive: 72_000 },
    connections: { perAddress: 0 },
    drain: { notReady: 5000, finish: 20_000 },
    upstreams: [
      {
        name: 'api',
        targets: [{ id: '127.0.0.1:3000', url: 'http://127.0.0.1:3000', weight: 1, tier: 0, tags: [], labels: {} }],
        balance: { algorithm: 'two-choices' },
        health: false,
        limits: { concurrency: 0, perTarget: 0, queue: 100, queueTime: 100 },
        slowStart: 30_000,
        breaker: { failureShare: 0.5, minimum: 20, window: 10_000, open: 5000, slow: 0, probes: 5, group: false },
        outliers: { consecutive: 5, eject: 30_000, maxEject: 300_000, maxShare: 0.5 },
        retry: {
          attempts: 3,
          on: ['connect', 'reset', 'timeout', 502, 503, 504],
          budget: 0.1,
          backoff: [25, 250],
          unsafe: false
        },
        hedge: false,
        failover: { order: 'balance', k: 3, metric: 'euclidean', panic: 0.5, spill: 1.4, failback: 'gradual' },
        timeouts: { connect: 2000, response: 5000, idle: 60_000, tunnel: 3_600_000 },
        tls: { verify: true },
        protocol: 'http1'
      }
    ],
    routes: [
      {
        prefix: '/',
        to: { kind: 'upstream', upstream: 'api' },
        timeout: 15_000,
        auth: false,
        body: { max: 10_485_760, buffer: 65_536 },
        transform: {
          query: { set: {}, add: {}, remove: [] },
          request: { set: {}, add: {}, remove: [] },
          response: { set: {}, add: {}, remove: [] }
        },
        hostHeader: 'target',
        allow: [],
        deny: [],
        cors: false,
        rateLimits: [],
        securityHeaders: false,
        csrf: false,
        compress: false,
        cache: false,
        mode: 'enforce',
        priority: 'default',
        mirrors: [],
        fault: false,
        plugins: [],
        place: { line: 2, column: 10 }
      }
    ],
    security: { allow: [], deny: [], jwt: [] },
    logging: { level: 'info', access: true, redact: [] },
    metrics: { buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] },
    plugins: []
  })
})

const listens: readonly [string, string, number][] = [
  ['127.0.0.1:80', '127.0.0.1', 80],
  ['":80"', '0.0.0.0', 80],
  ['80', '0.0.0.0', 80],
  ["'80'", '0.0.0.0', 80],
  ["'[::1]:0'", '::1', 0],
  ['localhost:80', 'localhost', 80],
  ['{ address: 10.0.0.1:80, http2: false, proxyProtocol: false }', '10.0.0.1', 80]
]
for (const [written, host, port] of listens) {
  test(`listen: ${written} is ${host} and ${port}`, () => {
    assert.deepEqual(configOf(`listen: ${written}\n${small}`).listen, [
      { host, port, ...(written.includes('http2: false') ? {} : { http2: { maxStreams: 128 } }) }
    ])
  })
}

test('listen may be a list, admin may be off or have a token', () => {
  const config = configOf(`listen: [127.0.0.1:1, { address: 127.0.0.1:2 }]\nadmin: false\n${small}`)
  assert.deepEqual(
    config.listen.map(({ port }) => port),
    [1, 2]
  )
  assert.equal(config.admin, false)
  assert.deepEqual(configOf(`admin: { token: t }\n${small}`).admin, { host: '127.0.0.1', port: 9901, token: 't' })
})

test('durations are milliseconds and sizes bytes', () => {
  const text = `
timeouts: { headers: 250ms, request: 1.5s, keepAlive: 1h }
drain: { notReady: 0, finish: 0s }
upstreams: { api: { targets: [http://a], timeouts: { connect: 0.1ms, idle: 2d } } }
routes: [{ prefix: /, upstream: api, timeout: 2m, body: { max: 1.5kb, buffer: 100b, timeout: 0 } }]
`
  const { timeouts, drain, upstreams, routes } = configOf(text)
  assert.deepEqual(timeouts, { headers: 250, request: 1500, keepAlive: 3_600_000 })
  assert.deepEqual(drain, { notReady: 0, finish: 0 })
  assert.deepEqual(upstreams[0]?.timeouts, { connect: 1, response: 5000, idle: 172_800_000, tunnel: 3_600_000 })
  assert.equal(routes[0]?.timeout, 120_000)
  assert.deepEqual(routes[0]?.body, { max: 1536, buffer: 100, timeout: 0 })
})

test('a buffer that nobody wrote gives way to a smaller max', () => {
  const { routes } = configOf(
    'upstreams: { a: { targets: [http://a] } }\nroutes: [{ prefix: /, upstream: a, body: { max: 1kb } }]\n'
  )
  assert.equal(routes[0]?.body.buffer, 1024)
})

test('targets, predicates and headers come in one form', () => {
  const text = `
upstreams:
  api:
    targets: ["HTTP://Host.Example:80/", { url: "https://[::1]", weight: 0, tier: 1, zone: b, id: x, tags: [canary], labels: { host: rack-7 } }]
    balance: { algorithm: first }
    breaker: false
routes:
  - prefix: /%7Euser/é/
    host: '*.Example.COM.'
    methods: [GET]
    headers: { X-Version: '2' }
    query: { Beta: '1' }
    split: { to: { api: 3 }, by: 'header:X-User' }
    rewrite: /v2/
    hostHeader: client
    retry: { attempts: 1, on: [503], backoff: [1ms, 2ms], unsafe: idempotency-key }
    transform: { request: { set: { X-A: b }, remove: [Cookie] }, response: { add: { Vary: x } } }
`
  const { upstreams, routes } = configOf(text)
  assert.deepEqual(upstreams[0]?.targets, [
    { id: 'host.example:80', url: 'http://host.example', weight: 1, tier: 0, tags: [], labels: {} },
    { id: 'x', url: 'https://[::1]', weight: 0, tier: 1, zone: 'b', tags: ['canary'], labels: { host: 'rack-7' } }
  ])
  assert.deepEqual(upstreams[0]?.balance, { algorithm: 'first' })
  assert.equal(upstreams[0]?.breaker, false)
  assert.deepEqual(routes[0], {
    prefix: '/~user/%C3%A9',
    host: '*.example.com',
    methods: ['GET'],
    headers: { 'x-version': '2' },
    query: { Beta: '1' },
    to: { kind: 'split', shares: [{ upstream: 'api', share: 1 }], by: 'header:x-user' },
    rewrite: '/v2/',
    timeout: 15_000,
    body: { max: 10_485_760, buffer: 65_536 },
    transform: {
      query: { set: {}, add: {}, remove: [] },
      request: { set: { 'x-a': 'b' }, add: {}, remove: ['cookie'] },
      response: { set: {}, add: { vary: 'x' }, remove: [] }
    },
    hostHeader: 'client',
    allow: [],
    deny: [],
    cors: false,
    rateLimits: [],
    securityHeaders: false,
    csrf: false,
    compress: false,
    cache: false,
    mode: 'enforce',
    auth: false,
    retry: { attempts: 1, on: [503], backoff: [1, 2], unsafe: 'idempotency-key' },
    priority: 'default',
    mirrors: [],
    fault: false,
    plugins: [],
    place: { line: 8, column: 5 }
  })
})

test('the shares of a split sum to 1, and a group may be called to', () => {
  const text = `upstreams: { to: { targets: [http://a] }, b: { targets: [http://b] } }\nroutes: [{ prefix: /, split: { to: 95, b: 5 } }]\n`
  const shares = [
    { upstream: 'to', share: 0.95 },
    { upstream: 'b', share: 0.05 }
  ]
  assert.deepEqual(configOf(text).routes[0]?.to, { kind: 'split', shares })
})

test('paths of plugins count from the file, and name the plugin', () => {
  const tenant = { use: './p/tenant.ts', options: { a: [1, { b: null }] } }
  const result = parseConfig({ plugins: [tenant, { use: '@x/y', routes: 'named', name: 'z' }] }, { directory: '/etc/evergate' })
  assert.ok(result.ok)
  assert.deepEqual(result.config.plugins, [
    { use: '/etc/evergate/p/tenant.ts', name: 'tenant', options: { a: [1, { b: null }] }, routes: 'all' },
    { use: '@x/y', name: 'z', options: {}, routes: 'named' }
  ])
})

test('the revision changes with what the gateway does, not with comments, order of keys or the file', () => {
  const { revision } = configOf(small)
  assert.equal(configOf(`# a comment\n\n${small}`).revision, revision)
  assert.equal(
    configOf('routes: [{ upstream: api, prefix: / }]\nupstreams: { api: { targets: [http://127.0.0.1:3000] } }\n').revision,
    revision
  )
  assert.equal(configOf(`${small}listen: :8080\n`).revision, revision)
  assert.notEqual(configOf(`${small}admin: { token: a }\n`).revision, configOf(`${small}admin: { token: b }\n`).revision)
})

test('a plain object is parsed without a source, and what is undefined is absent', () => {
  const upstreams = { api: { targets: ['http://a'], balance: undefined } }
  const result = parseConfig({ upstreams, routes: [{ prefix: '/', upstream: 'api', host: undefined }] })
  assert.ok(result.ok)
  assert.deepEqual(result.config.routes[0]?.place, {})
  assert.equal('host' in (result.config.routes[0] ?? {}), false)
})

const strange: readonly unknown[] = [
  undefined,
  null,
  1,
  'x',
  [],
  () => 1,
  new Map(),
  { upstreams: [] },
  { routes: {} },
  { routes: [null] }
]
for (const [index, input] of strange.entries()) {
  test(`never throws for bad input: ${index}`, () => {
    const result = parseConfig(input)
    assert.equal(result.ok, false)
  })
}

test('options of a plugin that contain themselves are a problem, not an endless loop', () => {
  const options: Record<string, unknown> = {}
  options['self'] = options
  const result = parseConfig({ plugins: [{ use: 'x', options }] })
  assert.ok(!result.ok)
  assert.match(result.problems[0]?.message ?? '', /nested deeper than 64 levels/)
})

test('names like __proto__ are names and nothing more', () => {
  const result = parseConfig(
    JSON.parse('{"__proto__": {"upstreams": {}}, "routes": [{"prefix": "/", "upstream": "constructor"}]}')
  )
  assert.ok(!result.ok)
  assert.deepEqual(
    result.problems.map(({ path }) => path),
    ['__proto__', 'routes[0].upstream']
  )
  const labels = configOf('upstreams: { a: { targets: [{ url: http://a, labels: { __proto__: x } }] } }\n').upstreams[0]
    ?.targets[0]?.labels
  assert.deepEqual(Object.entries(labels ?? {}), [['__proto__', 'x']])
})

test('a route may list a plugin by the name of its package', () => {
  const text = "upstreams: { a: { targets: [http://a] } }\nplugins: [{ use: '@x/y', routes: named }]\n"
  assert.deepEqual(configOf(`${text}routes: [{ prefix: /, upstream: a, plugins: ['@x/y'] }]\n`).routes[0]?.plugins, ['@x/y'])
})
