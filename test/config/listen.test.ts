import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { authority, certificate, selfSigned } from '../support/certificate.ts'
import { configOf, directoryWith, parseText, problemsOf, small } from './reading.ts'

const one = selfSigned('one.example')
const two = selfSigned('two.example')
const files = {
  'one.pem': one.cert,
  'one.key': one.key,
  'two.pem': two.cert,
  'two.key': two.key,
  'old.pem': '',
  'text.txt': 'x',
  'ca.pem': authority('clients').cert
}

const listen = (text: string) => `${small}listen: ${text}\n`
const tls = (text: string) => listen(`{ address: :8443, tls: ${text} }`)

test('what a listener says is complete, with the certificate beside the list first', async t => {
  const directory = await directoryWith(t, files)
  const [first, second] = configOf(
    listen(
      `[{ address: :8080, redirect: { port: 8443 } }, { address: :8443, tls: { cert: two.pem, key: { file: two.key }, certificates: [{ cert: one.pem, key: one.key, hosts: [A.example] }], clientCertificates: { ca: ca.pem } } }]`
    ),
    {},
    directory
  ).listen
  assert.deepEqual(first, { host: '0.0.0.0', port: 8080, http2: { maxStreams: 128 }, redirectPort: 8443 })
  const pem = (name: keyof typeof files) => ({ pem: files[name].trimEnd(), file: `${directory}/${name}` })
  assert.deepEqual(second?.tls?.certificates, [
    { cert: pem('two.pem'), key: pem('two.key') },
    { cert: pem('one.pem'), key: pem('one.key'), hosts: ['a.example'] }
  ])
  assert.equal(second?.tls?.minVersion, 'TLSv1.2')
  assert.match(second?.tls?.ciphers ?? '', /^ECDHE-ECDSA-AES128-GCM-SHA256:/)
  assert.deepEqual(second?.tls?.clientCertificates, { ca: pem('ca.pem'), require: true })
})

test('PEM may stand in the configuration, and is then no file', () => {
  const config = configOf(tls(`{ cert: ${JSON.stringify(one.cert)}, key: "\${KEY}" }`), { KEY: one.key })
  const [first] = config.listen[0]?.tls?.certificates ?? []
  assert.deepEqual(first, { cert: { pem: one.cert }, key: { pem: one.key } })
})

test('redirect: https means port 443; false is none', () => {
  const port = (text: string) => configOf(listen(`{ address: :80, http2: false, ${text} }`)).listen[0]
  assert.deepEqual(port('redirect: https'), { host: '0.0.0.0', port: 80, redirectPort: 443 })
  assert.deepEqual(port('redirect: { to: https }'), { host: '0.0.0.0', port: 80, redirectPort: 443 })
  assert.deepEqual(port('redirect: false, proxyProtocol: false'), { host: '0.0.0.0', port: 80 })
})

test('HTTP/2 is spoken unless it is turned off, with 128 streams a connection unless another number is given', () => {
  const http2 = (text: string) => configOf(listen(text)).listen[0]?.http2
  for (const usual of [':80', '{ address: :80 }', '{ address: :80, http2: true }', '{ address: :80, http2: {} }'])
    assert.deepEqual(http2(usual), { maxStreams: 128 })
  assert.deepEqual(http2('{ address: :80, http2: { maxStreams: 7 } }'), { maxStreams: 7 })
  assert.equal(http2('{ address: :80, http2: false }'), undefined)
  assert.deepEqual(problemsOf(listen('{ address: :80, http2: { maxStreams: 0 } }')), [
    'g.yaml:3:46  listen.http2.maxStreams  0 is not accepted here; accepted: a whole number from 1 to 65535'
  ])
})

test('what cannot work is told with its place and what is accepted', async t => {
  const directory = await directoryWith(t, files)
  const problems = (text: string) => problemsOf(text, {}, directory).map(each => each.replace(/^g\.yaml:3:\d+ {2}/, ''))
  const pair = 'PEM of a certificate and its key, without a passphrase'
  const cases: [string, string][] = [
    [tls('{}'), 'listen.tls  has no certificate; accepted: cert and key, certificates with at least one, or acme'],
    [tls('{ cert: one.pem }'), 'listen.tls  has cert without key; accepted: both'],
    [tls('{ key: one.key }'), 'listen.tls  has key without cert; accepted: both'],
    [tls('{ cert: none.pem, key: one.key }'), `listen.tls.cert  ${directory}/none.pem cannot be read: there is no such file`],
    [
      tls('{ cert: text.txt, key: one.key }'),
      'listen.tls.cert  the file holds no PEM text; accepted: -----BEGIN ... and what follows'
    ],
    [
      tls('{ cert: one.pem, key: two.key }'),
      `listen.tls  cert and key cannot be used: the key is not that of the certificate; accepted: ${pair}`
    ],
    [
      tls('{ cert: one.key, key: one.key }'),
      `listen.tls  cert and key cannot be used: cert holds no certificate; accepted: ${pair}`
    ],
    [
      tls('{ certificates: [{ cert: one.pem, key: one.key }, { cert: one.pem, key: two.key }] }'),
      `listen.tls.certificates[1]  cert and key cannot be used: the key is not that of the certificate; accepted: ${pair}`
    ],
    [
      tls('{ cert: one.pem, key: one.key, clientCertificates: { ca: one.key } }'),
      'listen.tls.clientCertificates.ca  cannot be used: ca holds no certificate; accepted: PEM of certificates'
    ],
    [
      tls('{ cert: one.pem, key: one.key, ciphers: FAST }'),
      'listen.tls.ciphers  no cipher suite is known by these names; accepted: names of OpenSSL with : between them'
    ],
    [
      tls('{ cert: one.pem, key: one.key, minVersion: TLSv1.1 }'),
      'listen.tls.minVersion  "TLSv1.1" is unknown; did you mean TLSv1.2? accepted: TLSv1.2, TLSv1.3'
    ],
    [
      listen('[{ address: :80, redirect: https, tls: { cert: one.pem, key: one.key } }]'),
      'listen[0].redirect  stands beside tls; accepted: redirect on a listener without tls, which sends clients to the one with it'
    ],
    [
      listen('{ address: :80, proxyProtocol: true }'),
      'listen.proxyProtocol  nobody may connect; accepted: trustProxy with the networks of the proxies that send the header'
    ]
  ]
  for (const [text, message] of cases) assert.deepEqual(problems(text), [message])
})

test('a certificate that clients will not accept is a warning', async t => {
  const old = certificate({ names: ['old.example'], to: '200202' })
  const directory = await directoryWith(t, { ...files, 'old.pem': old.cert, 'old.key': old.key })
  const warnings = (text: string) => {
    const result = parseText(text, {}, directory)
    assert.ok(result.ok)
    return result.warnings.map(formatProblem)
  }
  assert.deepEqual(warnings(tls('{ cert: old.pem, key: old.key }')), [
    'g.yaml:3:40  listen.tls.cert  the certificate of CN=old.example expired on 2020-02-02'
  ])
  assert.deepEqual(warnings(tls('{ certificates: [{ cert: one.pem, key: one.key, hosts: [one.example, "*.one.example"] }] }')), [
    'g.yaml:3:87  listen.tls.certificates[0].hosts  the certificate does not have the name *.one.example: clients will not accept it'
  ])
  assert.deepEqual(warnings(tls('{ cert: one.pem, key: one.key, clientCertificates: { ca: old.pem } }')), [
    'g.yaml:3:89  listen.tls.clientCertificates.ca  the certificate of CN=old.example expired on 2020-02-02'
  ])
  assert.deepEqual(
    warnings('upstreams: { a: { targets: [https://a], tls: { ca: old.pem } } }\nroutes: [{ prefix: /, upstream: a }]\n'),
    ['g.yaml:1:52  upstreams.a.tls.ca  the certificate of CN=old.example expired on 2020-02-02']
  )
})

test('no message and no place repeats a key', async t => {
  const directory = await directoryWith(t, files)
  const lost = one.key.split('\n').slice(1).join('\n')
  for (const key of [
    lost,
    lost.replaceAll('\n', ''),
    lost.replace(/\n?-----.*/s, '').replaceAll('\n', ''),
    `${lost}-----BEGIN `
  ]) {
    const text = tls(JSON.stringify({ cert: 'one.pem', key }))
    const secret = one.key.split('\n')[1] ?? ''
    for (const problem of problemsOf(text, {}, directory)) assert.ok(!problem.includes(secret.slice(0, 20)), problem)
  }
})
