import type { Authenticator, CredentialRequest, Identification } from '../model/authenticator.ts'
import type { ClientCertificate } from '../model/client-certificate.ts'
import { isCredentialName } from './credential-file.ts'
import { absent, found, refused } from './found.ts'
import type { CertificateSettings } from './options.ts'

/** Knows who sends a request by the certificate of its connection, which the listener has verified. Without one nothing is said. */
export class Certificates implements Authenticator {
  readonly kind = 'certificate'
  readonly #settings: CertificateSettings
  readonly #allowed: ReadonlySet<string>

  constructor(settings: CertificateSettings) {
    this.#settings = settings
    this.#allowed = new Set(settings.allow)
  }

  /** It was shown before any request. */
  challenge(): undefined {
    return undefined
  }

  identify({ certificate }: CredentialRequest): Identification {
    if (certificate === undefined) return absent
    const name = nameIn(certificate, this.#settings.name)
    if (name === undefined || !isCredentialName(name)) return refused.malformed
    if (this.#allowed.size > 0 && !this.#allowed.has(name)) return refused.invalid
    return found(this.kind, { name, claims: { ...certificate } })
  }
}

/** Undefined where there is none. Of several none is the name: readers differ in which of them they take. */
function nameIn(certificate: ClientCertificate, from: CertificateSettings['name']): string | undefined {
  const { commonName, dns, uris, emails, fingerprint } = certificate
  const names = { cn: [commonName], dns, uri: uris, email: emails, fingerprint: [fingerprint] }[from]
  return names.length === 1 ? names[0] : undefined
}
