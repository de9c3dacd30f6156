import type { Authenticator, CredentialRequest, Identification } from '../model/authenticator.ts'
import { isCredentialName } from './credential-file.ts'
import { absent, found, refused } from './found.ts'

/** What a listener knows of the certificate that a client has shown, as Node tells it. */
export interface ShownCertificate {
  /** An authority that the listener trusts vouches for it, and its time is now. */
  readonly authorized: boolean
  /** A list where an attribute is there more than once. */
  readonly subject: Readonly<Record<string, string | readonly string[] | undefined>>
  /** SHA-256 in hexadecimal digits, with colons or without. */
  readonly fingerprint256: string
  /** With their kinds, such as `DNS:a.example` and `URI:spiffe://a/b`. */
  readonly sans: readonly string[]
}

export interface CertificateSettings {
  /** Where the name of the consumer comes from. */
  readonly name: 'cn' | 'dns' | 'uri' | 'email' | 'fingerprint'
  /** Names that may come in; empty: whoever the authorities vouch for. */
  readonly allow: readonly string[]
}

/** Knows who sends a request by the certificate of its connection. Without one nothing is said. */
export class Certificates implements Authenticator {
  readonly kind = 'certificate'
  readonly #settings: CertificateSettings
  readonly #allowed: ReadonlySet<string>
  readonly #certificateOf: (request: CredentialRequest) => ShownCertificate | undefined

  constructor(settings: CertificateSettings, certificateOf: (request: CredentialRequest) => ShownCertificate | undefined) {
    this.#settings = settings
    this.#allowed = new Set(settings.allow)
    this.#certificateOf = certificateOf
  }

  /** It was shown before any request. */
  challenge(): undefined {
    return undefined
  }

  identify(request: CredentialRequest): Identification {
    const shown = this.#certificateOf(request)
    if (shown === undefined) return absent
    if (!shown.authorized) return refused.invalid
    const name = nameIn(shown, this.#settings.name)
    if (name === undefined || !isCredentialName(name)) return refused.malformed
    if (this.#allowed.size > 0 && !this.#allowed.has(name)) return refused.invalid
    const fingerprint256 = plainFingerprint(shown.fingerprint256)
    return found(this.kind, { name, claims: { subject: shown.subject, sans: shown.sans, fingerprint256 } })
  }
}

/** Undefined where there is none. Of several none is the name: readers differ in which of them they take. */
function nameIn({ subject, sans, fingerprint256 }: ShownCertificate, from: CertificateSettings['name']): string | undefined {
  switch (from) {
    case 'fingerprint':
      return plainFingerprint(fingerprint256)
    case 'cn':
      return typeof subject['CN'] === 'string' ? subject['CN'] : undefined
    case 'dns':
    case 'uri':
    case 'email': {
      const prefix = `${from === 'email' ? 'email' : from.toUpperCase()}:`
      const [name, ...more] = sans.filter(san => san.startsWith(prefix))
      return more.length > 0 ? undefined : name?.slice(prefix.length)
    }
  }
}

const plainFingerprint = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase()

/**
 * The alternative names in a text of Node's `subjectaltname`, such as `DNS:a, URI:spiffe://a/b`. A value that could be misread
 * stands in quotes there, as in JSON (CVE-2021-44532). Undefined for a text that is not written so.
 */
export function readSans(text: string): string[] | undefined {
  const sans: string[] = []
  const one = /([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^",]*)(, |$)/y
  while (one.lastIndex < text.length) {
    const [, kind, value, end] = one.exec(text) ?? []
    if (kind === undefined || value === undefined) return undefined
    const plain = value.startsWith('"') ? quotedValue(value) : value
    if (plain === undefined || (end === ', ' && one.lastIndex === text.length)) return undefined
    sans.push(`${kind}:${plain}`)
  }
  return sans
}

function quotedValue(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
