import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type CertificateSettings, Certificates, readSans, type ShownCertificate } from '../../../src/credentials/certificate.ts'
import { showing, wordOf } from './shown.ts'

const shown: ShownCertificate = {
  authorized: true,
  subject: { CN: 'shop', O: 'Example' },
  fingerprint256: 'AB:CD:0F',
  sans: ['DNS:shop.example', 'URI:spiffe://example/shop', 'email:shop@example.com', 'IP Address:192.0.2.1']
}

function identify(certificate: ShownCertificate | undefined, settings: Partial<CertificateSettings> = {}) {
  return new Certificates({ name: 'cn', allow: [], ...settings }, () => certificate).identify(showing({}))
}

test('a certificate ends in a consumer, and what it says in claims', () => {
  assert.deepEqual(identify(shown), {
    kind: 'consumer',
    consumer: {
      name: 'shop',
      kind: 'certificate',
      scopes: new Set(),
      labels: {},
      claims: { subject: shown.subject, sans: shown.sans, fingerprint256: 'abcd0f' }
    }
  })
})

test('the name is taken from where the configuration says', () => {
  const names = (['cn', 'dns', 'uri', 'email', 'fingerprint'] as const).map(name => wordOf(identify(shown, { name })))
  assert.deepEqual(names, ['(shop)', '(shop.example)', '(spiffe://example/shop)', '(shop@example.com)', '(abcd0f)'])
})

test('no certificate is no refusal, and one that nobody vouches for is', () => {
  assert.equal(wordOf(identify(undefined)), 'absent')
  assert.equal(wordOf(identify({ ...shown, authorized: false })), 'invalid')
})

describe('a name that could mean another', () => {
  const table: readonly (readonly [what: string, certificate: ShownCertificate, name: CertificateSettings['name']])[] = [
    ['two common names', { ...shown, subject: { CN: ['shop', 'root'] } }, 'cn'],
    ['no common name', { ...shown, subject: {} }, 'cn'],
    ['an empty one', { ...shown, subject: { CN: '' } }, 'cn'],
    ['a NUL', { ...shown, subject: { CN: 'root\0.example' } }, 'cn'],
    ['a newline', { ...shown, subject: { CN: 'a\nx-user: root' } }, 'cn'],
    ['two names of one kind', { ...shown, sans: ['DNS:a', 'DNS:b'] }, 'dns'],
    ['none of the kind', { ...shown, sans: ['DNS:a'] }, 'uri']
  ]
  for (const [what, certificate, name] of table)
    test(what, () => assert.equal(wordOf(identify(certificate, { name })), 'malformed'))
})

test('where names are listed, others do not come in', () => {
  assert.equal(wordOf(identify(shown, { allow: ['a', 'shop'] })), '(shop)')
  assert.equal(wordOf(identify(shown, { allow: ['shop.example'] })), 'invalid')
})

test("Node's text of alternative names is read, its quotes too", () => {
  assert.deepEqual(readSans(''), [])
  assert.deepEqual(readSans('DNS:a, URI:spiffe://a/b, IP Address:::1'), ['DNS:a', 'URI:spiffe://a/b', 'IP Address:::1'])
  assert.deepEqual(readSans('URI:"http://a, DNS:root", DNS:a'), ['URI:http://a, DNS:root', 'DNS:a'])
  for (const text of ['DNS', 'DNS:a,DNS:b', 'DNS:"a', 'DNS:a, ', 'DNS:"\\x"', 'DNS:"a"b', ', DNS:a'])
    assert.equal(readSans(text), undefined, text)
})
