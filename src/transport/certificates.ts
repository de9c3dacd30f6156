import { constants, type X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import type { ObtainedCertificate } from '../model/obtained-certificate.ts'
import { certificatesOf, type Pem, type PemFollower, whyUnusable } from '../model/pem.ts'

export interface ServerCertificate {
  readonly cert: Pem
  readonly key: Pem
  /** Names, `*.` before some; absent: those in the certificate. */
  readonly hosts?: readonly string[]
}

/** How a listener proves who it is, and what it accepts. */
export interface ServerTls {
  /**
   * At least one, unless somebody obtains it; the first is shown where the client asks for no name, or for one that none of them
   * has.
   */
  readonly certificates: readonly ServerCertificate[]
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers: string
  readonly clientCertificates: false | { readonly ca: Pem; readonly require: boolean }
}

/** The name in a certificate, and when it expires in milliseconds since 1970. */
export interface CertificateTerm {
  readonly name: string
  readonly until: number
}

interface Shown {
  readonly texts: { readonly cert: string; readonly key: string }
  readonly names: readonly string[]
  readonly context: SecureContext
}

/** The certificates of a listener by the names that clients ask for, each as new as its files. */
export class Certificates {
  readonly #tls: ServerTls
  readonly #shown: Shown[]
  readonly #changed: (() => void)[] = []
  #ca: string | undefined
  #byName: ReadonlyMap<string, SecureContext>

  /** Throws for texts that cannot be used, which a checked configuration does not have. */
  constructor(tls: ServerTls, files: PemFollower, obtained?: ObtainedCertificate) {
    const { certificates, clientCertificates } = tls
    this.#tls = tls
    this.#ca = clientCertificates === false ? undefined : clientCertificates.ca.pem
    this.#shown = certificates.map(each => this.#make(each, each.cert.pem, each.key.pem))
    this.#byName = named(this.#shown)
    for (const [index, each] of certificates.entries()) {
      files.follow([each.cert, each.key], ([cert = '', key = '']) => {
        this.#shown[index] = this.#make(each, cert, key)
        this.#settle()
      })
    }
    if (clientCertificates !== false) files.follow([clientCertificates.ca], ([ca = '']) => this.#trust(ca))
    if (obtained === undefined) return
    this.#obtain(obtained)
    obtained.onChange(() => this.#obtain(obtained))
  }

  /** There is none yet: nobody can be shown one. */
  get isEmpty(): boolean {
    return this.#shown.length === 0
  }

  /** Of those that are shown now. */
  get terms(): CertificateTerm[] {
    return this.#shown.flatMap(({ texts, names: [name = ''] }) => {
      const [leaf] = certificatesOf(texts.cert)
      return leaf === undefined ? [] : [{ name, until: leaf.validToDate.getTime() }]
    })
  }

  /** For clients that name nothing that is known here. */
  get first(): SecureContextOptions {
    const [first] = this.#shown
    return this.#options(first?.texts ?? {})
  }

  /** For a name that a client asks for; undefined: the first. */
  for(name: string): SecureContext | undefined {
    const host = name.toLowerCase()
    return this.#byName.get(host) ?? this.#byName.get(`*${host.slice(Math.max(0, host.indexOf('.')))}`)
  }

  /** Tells when connections from now on are to be shown others. */
  onChange(listener: () => void): void {
    this.#changed.push(listener)
  }

  #obtain({ current }: ObtainedCertificate): void {
    if (current === undefined) return
    const { cert, key } = current
    this.#shown[0] = this.#make({}, cert, key)
    this.#settle()
  }

  #make({ hosts }: Pick<ServerCertificate, 'hosts'>, cert: string, key: string): Shown {
    const wrong = whyUnusable({ cert, key })
    if (wrong !== undefined) throw new Error(wrong)
    const texts = { cert, key }
    return { texts, names: hosts ?? namesOf(cert), context: createSecureContext(this.#options(texts)) }
  }

  #trust(ca: string): void {
    const wrong = whyUnusable({ ca })
    if (wrong !== undefined) throw new Error(wrong)
    this.#ca = ca
    for (const [index, each] of this.#shown.entries())
      this.#shown[index] = { ...each, context: createSecureContext(this.#options(each.texts)) }
    this.#settle()
  }

  #settle(): void {
    this.#byName = named(this.#shown)
    for (const listener of this.#changed) listener()
  }

  #options(texts: Partial<Shown['texts']>): SecureContextOptions {
    const { minVersion, ciphers } = this.#tls
    return {
      ...texts,
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
      minVersion,
      // Node takes a list without a suite of TLS 1.3 for a wish to speak none.
      ciphers: ciphers.includes('TLS_') ? ciphers : `${suites13}:${ciphers}`,
      ecdhCurve: groups,
      // The client knows best whether it computes AES or ChaCha20 faster; all that are offered are good.
      honorCipherOrder: false,
      // HTTP has no use for it, and it costs the server more than the client.
      secureOptions: constants.SSL_OP_NO_RENEGOTIATION
    }
  }
}

const suites13 = 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256'

/** Of Mozilla's intermediate profile 6.0; an OpenSSL before 3.5 does not know the first. */
const groups = usable('X25519MLKEM768:X25519:prime256v1:secp384r1') ?? 'X25519:prime256v1:secp384r1'

function usable(ecdhCurve: string): string | undefined {
  try {
    createSecureContext({ ecdhCurve })
    return ecdhCurve
  } catch {
    return undefined
  }
}

/** Where two have a name, the earlier has it. */
function named(shown: readonly Shown[]): ReadonlyMap<string, SecureContext> {
  const byName = new Map<string, SecureContext>()
  for (const { names, context } of shown) for (const name of names) if (!byName.has(name)) byName.set(name, context)
  return byName
}

/** The DNS names that a certificate is for, in lower case; its common name where it has none (RFC 6125 section 6.4.4). */
export function namesOf(cert: string): string[] {
  const [leaf] = certificatesOf(cert)
  return leaf === undefined ? [] : dnsNames(leaf)
}

function dnsNames({ subjectAltName = '', subject }: X509Certificate): string[] {
  const names = [...subjectAltName.matchAll(/(?:^|, )DNS:([\w*.-]+)(?=,|$)/g)].map(([, name = '']) => name.toLowerCase())
  if (names.length > 0 || subjectAltName !== '') return names
  const [, common] = /^CN=([\w*.-]+)$/m.exec(subject) ?? []
  return common === undefined ? [] : [common.toLowerCase()]
}
