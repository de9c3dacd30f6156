import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** PEM text as a configuration has it: the text, and the file that it was read from, if it was. */
export interface Pem {
  readonly pem: string
  /** An absolute path. */
  readonly file?: string
}

/** How to prove and check identity where a target speaks TLS. PEM texts, which may become others while they are in use. */
export interface TlsTexts {
  readonly verify: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/** What was made of these texts; made anew when somebody asks after they have changed. Throws what `make` throws. */
export function remade<Made>(tls: TlsTexts, make: (texts: TlsTexts) => Made): () => Made {
  let of = { ...tls }
  let made = make(of)
  return () => {
    if (of.ca !== tls.ca || of.cert !== tls.cert || of.key !== tls.key) {
      const texts = { ...tls }
      made = make(texts)
      of = texts
    }
    return made
  }
}

/** Follows the files of PEM texts. */
export interface PemFollower {
  /**
   * Tells of the texts, in the given order, whenever one of their files has become another; those that were given as text stay as
   * they are. What `use` throws is a reason to keep the old ones.
   */
  follow(pems: readonly Pem[], use: (texts: readonly string[]) => void): void
}

const certificate = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g

/** Every certificate of a PEM text. Throws for one that cannot be read. */
export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(certificate) ?? []).map(block => new X509Certificate(block))
}

/** Why the TLS library does not take these; undefined: it does. */
export function whyUnusable(texts: { readonly [Name in 'ca' | 'cert' | 'key']?: string | undefined }): string | undefined {
  const { ca, cert, key } = texts
  try {
    // A context takes unreadable authorities without a word; then nothing would be trusted.
    if (ca !== undefined && certificatesOf(ca).length === 0) return 'ca holds no certificate'
    if (cert !== undefined && certificatesOf(cert).length === 0) return 'cert holds no certificate'
    if (key !== undefined && /^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key)) return 'the key is encrypted'
    createSecureContext({ ca, cert, key })
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH' || code === 'ERR_OSSL_X509_KEY_TYPE_MISMATCH'
      ? 'the key is not that of the certificate'
      : message
  }
}
