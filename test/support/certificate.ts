import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto'

/** A certificate that its own key has signed; PEM texts. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

const oid = {
  commonName: [0x55, 0x04, 0x03],
  ecdsaWithSha256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02],
  subjectAltName: [0x55, 0x1d, 0x11]
}

/** Makes a certificate (X.509, RFC 5280) for a name or an IPv4 address, valid from 2020 to 2049. */
export function selfSigned(name: string): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(tlv(0x06, oid.ecdsaWithSha256))
  const issuer = sequence(tlv(0x31, sequence(tlv(0x06, oid.commonName), tlv(0x0c, Buffer.from(name)))))
  const validity = sequence(tlv(0x17, Buffer.from('200101000000Z')), tlv(0x17, Buffer.from('491231235959Z')))
  const names = sequence(/^[\d.]+$/.test(name) ? tlv(0x87, name.split('.').map(Number)) : tlv(0x82, Buffer.from(name)))
  const extension = sequence(tlv(0x06, oid.subjectAltName), tlv(0x04, names))
  const toSign = sequence(
    tlv(0xa0, tlv(0x02, [2])),
    tlv(0x02, [1]),
    algorithm,
    issuer,
    validity,
    issuer,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(extension))
  )
  const signature = sign('sha256', toSign, privateKey)
  const der = sequence(toSign, algorithm, tlv(0x03, [0], signature))
  return {
    cert: new X509Certificate(der).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
}

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
