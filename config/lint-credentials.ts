import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'

/** Warns of credentials that go over a network in clear. */
export function lintCredentials({ security, listen }: GatewayConfig, report: Report): void {
  const { introspection, certificate, service } = security
  if (certificate !== undefined && !listen.some(({ tls }) => tls !== undefined && tls.clientCertificates !== false))
    report.warn(['security', 'certificate'], 'no listener asks for certificates: tls.clientCertificates says so')
  if (introspection !== undefined && isClear(introspection.url))
    report.warn(['security', 'introspection', 'url'], "tokens and this gateway's secret go there without TLS")
  if (service !== undefined && isClear(service.url))
    report.warn(['security', 'service', 'url'], "clients' credentials go there without TLS")
}

/** A name of this machine, or one without a dot as containers of one host call each other, is not warned of. */
function isClear(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && /[.:]/.test(hostname) && !/^(127\.|\[::1\]$)|\.localhost$/.test(hostname)
}
