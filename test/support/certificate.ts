import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'

/** A certificate and its key; PEM texts. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

export interface CertificateTerms {
  /** DNS names and IPv4 addresses that it is for; the first is its common name. */
  readonly names: readonly string[]
  /** Who signs it; itself when absent. */
  readonly by?: SelfSigned
  /** `YYMMDD`; from 2020 to 2049 when absent. */
  readonly from?: string
  readonly to?: string
  /** Further names: URIs and mail addresses. */
  readonly uris?: readonly string[]
  readonly emails?: readonly string[]
  /** May sign others. */
  readonly authority?: boolean
}

const oid = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  subjectAltName: [0x55, 0x1d, 0x11],
  basicConstraints: [0x55, 0x1d, 0x13]
}

/** Makes a certificate for a name or an IPv4 address that its own key has signed. */
export const selfSigned = (name: string): SelfSigned => certificate({ names: [name] })

/** Who can sign certificates. */
export const authority = (name: string): SelfSigned => certificate({ names: [name], authority: true })

/** Makes a certificate (X.509, RFC 5280). */
export function certificate(terms: CertificateTerms): SelfSigned {
  const { names, by, from = '200101', to = '491231', uris = [], emails = [] } = terms
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(tlv(0x06, oid.ecdsaWithSha256))
  const subject = named(names[0] ?? '')
  const issuer = by === undefined ? subject : named(/^CN=(.*)$/m.exec(new X509Certificate(by.cert).subject)?.[1] ?? '')
  const validity = sequence(tlv(0x17, Buffer.from(`${from}000000Z`)), tlv(0x17, Buffer.from(`${to}235959Z`)))
  const all = sequence(
    ...names.map(name => (/^[\d.]+$/.test(name) ? tlv(0x87, name.split('.').map(Number)) : tlv(0x82, Buffer.from(name)))),
    ...uris.map(uri => tlv(0x86, Buffer.from(uri))),
    ...emails.map(email => tlv(0x81, Buffer.from(email)))
  )
  const extensions = [sequence(tlv(0x06, oid.subjectAltName), tlv(0x04, all))]
  if (terms.authority)
    extensions.push(sequence(tlv(0x06, oid.basicConstraints), tlv(0x01, [0xff]), tlv(0x04, sequence(tlv(0x01, [0xff])))))
  const toSign = sequence(
    tlv(0xa0, tlv(0x02, [2])),
    // A positive number that no other certificate has.
    tlv(0x02, [1], randomBytes(8)),
    algorithm,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(...extensions))
  )
  const signature = sign('sha256', toSign, by === undefined ? privateKey : createPrivateKey(by.key))
  const der = sequence(toSign, algorithm, tlv(0x03, [0], signature))
  return {
    cert: new X509Certificate(der).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

const named = (name: string) => sequence(tlv(0x31, sequence(tlv(0x06, oid.commonName), tlv(0x0c, Buffer.from(name)))))

const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts)

/** Tag, length, value, in DER (X.690). */
function tlv(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const value = Buffer.concat(parts.map(part => Uint8Array.from(part)))
  return Buffer.concat([Buffer.from([tag, ...lengthOf(value.length)]), value])
}

function lengthOf(bytes: number): number[] {
  if (bytes < 0x80) return [bytes]
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff]
}
