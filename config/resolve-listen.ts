import { resolve } from 'node:path'
import type { AcmeTerms } from '../src/acme/options.ts'
import type { Pem } from '../src/model/pem.ts'
import type { CertificateConfig, ListenConfig, ServerTlsConfig } from './types.ts'

/** What a listener says of ACME after its values were read and filled. */
export interface FilledAcme {
  readonly directory?: string
  readonly email?: string
  readonly domains?: readonly (string | undefined)[]
  readonly storage?: string
  readonly agreeToTerms?: boolean
  readonly ca?: Pem
}

/** TLS of a listener after its values were read and filled; what was refused is absent. */
export interface FilledServerTls extends Pick<ServerTlsConfig, 'minVersion' | 'ciphers'> {
  readonly cert?: CertificateConfig['cert']
  readonly key?: CertificateConfig['key']
  readonly certificates?: readonly (Partial<CertificateConfig> | undefined)[]
  readonly clientCertificates: false | Partial<Exclude<ServerTlsConfig['clientCertificates'], false>>
  readonly acme?: FilledAcme
}

export interface FilledListener {
  readonly tls?: FilledServerTls
  readonly proxyProtocol?: boolean
  readonly http2?: boolean | { readonly maxStreams: number }
  readonly redirect?: 'https' | false | { readonly port: number }
}

/** What a listener says besides its address. Paths count from `directory`. */
export function resolveListener(
  { tls, proxyProtocol, http2, redirect }: FilledListener,
  directory: string
): Omit<ListenConfig, 'host' | 'port'> {
  return {
    ...(tls === undefined ? {} : { tls: resolveServerTls(tls, directory) }),
    ...(proxyProtocol ? { proxyProtocol } : {}),
    ...(typeof http2 === 'object' ? { http2 } : {}),
    ...(redirect ? { redirectPort: redirect === 'https' ? 443 : redirect.port } : {})
  }
}

/** The certificate beside `certificates` is the first of them; those that were refused are left out. */
function resolveServerTls(filled: FilledServerTls, directory: string): ServerTlsConfig {
  const { cert, key, certificates = [], clientCertificates, minVersion, ciphers } = filled
  const all = [{ cert, key }, ...certificates].flatMap(each => certificateOf(each) ?? [])
  const ca = clientCertificates === false ? undefined : clientCertificates.ca
  const require = clientCertificates === false ? undefined : clientCertificates.require
  return {
    certificates: all,
    minVersion,
    ciphers,
    clientCertificates: ca === undefined ? false : { ca, require: require ?? true },
    ...acmeOf(filled.acme, directory)
  }
}

function acmeOf(filled: FilledAcme | undefined, base: string): { readonly acme?: AcmeTerms } {
  const { directory, email, domains = [], storage, ca } = filled ?? {}
  if (directory === undefined || storage === undefined) return {}
  const terms = {
    directory,
    ...(email === undefined ? {} : { email }),
    domains: domains.filter(domain => domain !== undefined),
    storage: resolve(base, storage),
    ...(ca === undefined ? {} : { ca: ca.pem })
  }
  return { acme: terms }
}

function certificateOf(
  each: { readonly [Key in keyof CertificateConfig]?: CertificateConfig[Key] | undefined } = {}
): CertificateConfig | undefined {
  const { cert, key, hosts } = each
  if (cert === undefined || key === undefined) return undefined
  return { cert, key, ...(hosts === undefined ? {} : { hosts: hosts.filter(host => host !== undefined) }) }
}
