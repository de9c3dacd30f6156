import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { selfSigned } from '../support/certificate.ts'
import { configOf, directoryWith, parseText, problemsOf, small } from './reading.ts'

const own = selfSigned('one.example')
const acme = (text: string, beside = '') =>
  `${small}listen: [{ address: :80, redirect: https }, { address: :443, tls: { acme: { ${text} }${beside} } }]\n`
const enough = 'domains: [one.example], storage: acme, agreeToTerms: true'

test("ACME asks Let's Encrypt unless told otherwise; its storage counts from the file", () => {
  const terms = (text: string) => configOf(acme(text), {}, '/etc/gateway').listen[1]?.tls
  assert.deepEqual(terms(enough)?.acme, {
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
    domains: ['one.example'],
    storage: '/etc/gateway/acme'
  })
  assert.deepEqual(terms(enough)?.certificates, [])
  const full =
    'directory: "https://ca.example/dir", email: ops@one.example, domains: [One.example, b.example], storage: /var/acme, agreeToTerms: true'
  assert.deepEqual(terms(full)?.acme, {
    directory: 'https://ca.example/dir',
    email: 'ops@one.example',
    domains: ['one.example', 'b.example'],
    storage: '/var/acme'
  })
})

test('what cannot work is told with its place and what is accepted', async t => {
  const directory = await directoryWith(t, { 'one.pem': own.cert, 'one.key': own.key })
  const at = 'listen[1].tls.acme'
  const cases: [string, string][] = [
    [
      acme(enough, ', cert: one.pem, key: one.key'),
      `${at}  stands beside cert, key or certificates; accepted: one of the two, and another listener for the others`
    ],
    [
      acme('domains: [one.example], storage: acme'),
      `${at}.agreeToTerms  is not true; accepted: true, once you have read the terms of service of the authority and agree to them`
    ],
    [
      acme('domains: ["*.one.example"], storage: acme, agreeToTerms: true'),
      `${at}.domains[0]  *.one.example is a wildcard, which HTTP-01 cannot prove; accepted: exact names, such as www.example.com, or certificates that another program obtains over DNS-01`
    ],
    [
      acme('domains: [10.0.0.1, a.example, A.example], storage: acme, agreeToTerms: true'),
      `${at}.domains[0]  10.0.0.1 is an IP address; accepted: exact names, such as www.example.com`
    ],
    [acme(`${enough}, email: "nobody"`), `${at}.email  is no address of mail; accepted: one, such as ops@example.com`],
    [acme(`${enough}, ca: one.key`), `${at}.ca  cannot be used: ca holds no certificate; accepted: PEM of certificates`]
  ]
  for (const [text, expected] of cases) {
    const [first] = problemsOf(text, {}, directory).map(each => each.replace(/^g\.yaml:3:\d+ {2}/, ''))
    assert.equal(first, expected)
  }
})

test('a configuration in which the authority would find nobody is warned of', () => {
  const warnings = (text: string) => {
    const result = parseText(text)
    assert.ok(result.ok)
    return result.warnings.map(formatProblem).filter(each => each.includes('acme'))
  }
  assert.deepEqual(warnings(acme(enough)), [])
  assert.match(warnings(acme(enough).replace(':80', ':8080'))[0] ?? '', /listen {2}no listener without tls has port 80/)
})
