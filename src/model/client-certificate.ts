import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'

/** The certificate that a client has shown and that the authorities of its listener stand for: others are not let in. */
export interface ClientCertificate {
  /** Its distinguished name, the most specific part last, such as `O=Example, CN=reporting`. */
  readonly subject: string
  /** The CN of the subject, where it has exactly one. */
  readonly commonName: string | undefined
  readonly issuer: string
  /** SHA-256 of the certificate: 64 hexadecimal digits in lower case. */
  readonly fingerprint: string
  /** Hexadecimal, in capitals. */
  readonly serial: string
  /** The names that it is for, by their kind. */
  readonly dns: readonly string[]
  readonly uris: readonly string[]
  readonly emails: readonly string[]
}

const key = Symbol('evergate.client-certificate')
type Known = Socket & { [key]?: ClientCertificate | null }

/** Read once for each connection. Undefined: none was shown, or asked for, or TLS ends elsewhere. */
export function clientCertificateOf(socket: Socket): ClientCertificate | undefined {
  const known = socket as Known
  known[key] ??= read(socket) ?? null
  return known[key] ?? undefined
}

function read(socket: Socket): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  const { subject, issuer, fingerprint256, serialNumber, subjectAltName = '' } = certificate
  const commonNames = [...subject.matchAll(/^CN=(.+)$/gm)]
  const names = namesIn(subjectAltName)
  const of = (kind: string) => names.filter(name => name.kind === kind).map(({ value }) => value)
  return {
    subject: oneLine(subject),
    // Readers differ in which of several they take.
    commonName: commonNames.length === 1 ? commonNames[0]?.[1] : undefined,
    issuer: oneLine(issuer),
    fingerprint: fingerprint256.replaceAll(':', '').toLowerCase(),
    serial: serialNumber,
    dns: of('DNS'),
    uris: of('URI'),
    emails: of('email')
  }
}

/** Node writes one attribute a line. */
const oneLine = (name: string) => name.split('\n').join(', ')

/** `DNS:a, URI:"b, c"`: a value with a special character stands in quotes, as a JSON text (CVE-2021-44532). */
function namesIn(text: string): { readonly kind: string; readonly value: string }[] {
  return [...text.matchAll(/(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,]*)/g)].map(([, kind = '', value = '']) => ({
    kind,
    value: value.startsWith('"') ? unquoted(value) : value
  }))
}

function unquoted(value: string): string {
  try {
    return String(JSON.parse(value))
  } catch {
    return value
  }
}
