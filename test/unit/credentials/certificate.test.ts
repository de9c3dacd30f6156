import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Certificates } from '../../../src/credentials/certificate.ts'
import type { CertificateSettings } from '../../../src/credentials/options.ts'
import type { ClientCertificate } from '../../../src/model/client-certificate.ts'
import { showing, wordOf } from './shown.ts'

const shown: ClientCertificate = {
  subject: 'O=Example, CN=shop',
  commonName: 'shop',
  issuer: 'CN=ca',
  fingerprint: 'abcd0f',
  serial: '01',
  dns: ['shop.example'],
  uris: ['spiffe://example/shop'],
  emails: ['shop@example.com']
}

const identify = (certificate: ClientCertificate | undefined, settings: Partial<CertificateSettings> = {}) =>
  new Certificates({ name: 'cn', allow: [], ...settings }).identify({ ...showing({}), certificate })

test('a certificate ends in a consumer, and what it says in claims', () => {
  assert.deepEqual(identify(shown), {
    kind: 'consumer',
    consumer: { name: 'shop', kind: 'certificate', scopes: new Set(), labels: {}, claims: shown }
  })
})

test('the name is taken from where the configuration says', () => {
  const names = (['cn', 'dns', 'uri', 'email', 'fingerprint'] as const).map(name => wordOf(identify(shown, { name })))
  assert.deepEqual(names, ['(shop)', '(shop.example)', '(spiffe://example/shop)', '(shop@example.com)', '(abcd0f)'])
})

test('no certificate is no refusal', () => {
  assert.equal(wordOf(identify(undefined)), 'absent')
})

describe('a name that could mean another', () => {
  const table: readonly (readonly [what: string, certificate: ClientCertificate, name: CertificateSettings['name']])[] = [
    ['no common name, or more than one', { ...shown, commonName: undefined }, 'cn'],
    ['an empty one', { ...shown, commonName: '' }, 'cn'],
    ['a NUL', { ...shown, commonName: 'root\0.example' }, 'cn'],
    ['a newline', { ...shown, commonName: 'a\nx-user: root' }, 'cn'],
    ['two names of one kind', { ...shown, dns: ['a', 'b'] }, 'dns'],
    ['none of the kind', { ...shown, uris: [] }, 'uri']
  ]
  for (const [what, certificate, name] of table)
    test(what, () => assert.equal(wordOf(identify(certificate, { name })), 'malformed'))
})

test('where names are listed, others do not come in', () => {
  assert.equal(wordOf(identify(shown, { allow: ['a', 'shop'] })), '(shop)')
  assert.equal(wordOf(identify(shown, { allow: ['shop.example'] })), 'invalid')
})
