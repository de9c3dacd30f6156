import type { CertificateConfig, ListenConfig, ServerTlsConfig } from './types.ts'

/** TLS of a listener after its values were read and filled; what was refused is absent. */
export interface FilledServerTls extends Pick<ServerTlsConfig, 'minVersion' | 'ciphers'> {
  readonly cert?: CertificateConfig['cert']
  readonly key?: CertificateConfig['key']
  readonly certificates?: readonly (Partial<CertificateConfig> | undefined)[]
  readonly clientCertificates: false | Partial<Exclude<ServerTlsConfig['clientCertificates'], false>>
}

export interface FilledListener {
  readonly tls?: FilledServerTls
  readonly proxyProtocol?: boolean
  readonly redirect?: 'https' | false | { readonly port: number }
}

/** What a listener says besides its address. */
export function resolveListener({ tls, proxyProtocol, redirect }: FilledListener): Omit<ListenConfig, 'host' | 'port'> {
  return {
    ...(tls === undefined ? {} : { tls: resolveServerTls(tls) }),
    ...(proxyProtocol ? { proxyProtocol } : {}),
    ...(redirect ? { redirectPort: redirect === 'https' ? 443 : redirect.port } : {})
  }
}

/** The certificate beside `certificates` is the first of them; those that were refused are left out. */
export function resolveServerTls(filled: FilledServerTls): ServerTlsConfig {
  const { cert, key, certificates = [], clientCertificates, minVersion, ciphers } = filled
  const all = [{ cert, key }, ...certificates].flatMap(each => certificateOf(each) ?? [])
  const ca = clientCertificates === false ? undefined : clientCertificates.ca
  const require = clientCertificates === false ? undefined : clientCertificates.require
  return {
    certificates: all,
    minVersion,
    ciphers,
    clientCertificates: ca === undefined ? false : { ca, require: require ?? true }
  }
}

function certificateOf(
  each: { readonly [Key in keyof CertificateConfig]?: CertificateConfig[Key] | undefined } = {}
): CertificateConfig | undefined {
  const { cert, key, hosts } = each
  if (cert === undefined || key === undefined) return undefined
  return { cert, key, ...(hosts === undefined ? {} : { hosts: hosts.filter(host => host !== undefined) }) }
}
