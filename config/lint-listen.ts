import { certificatesOf, type Pem } from '../src/model/pem.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { GatewayConfig, ServerTlsConfig } from './types.ts'

/** Warns of certificates that clients, or the gateway itself, will not accept today. */
export function lintCertificates({ listen, upstreams }: GatewayConfig, now: Date, report: Report): void {
  for (const [index, { tls }] of listen.entries())
    if (tls !== undefined) lintServerTls(tls, ['listen', index, 'tls'], now, report)
  for (const { name, tls } of upstreams) {
    const path = ['upstreams', name, 'tls']
    lintTime(tls.cert, [...path, 'cert'], now, report)
    lintTime(tls.ca, [...path, 'ca'], now, report)
  }
}

function lintServerTls({ certificates, clientCertificates }: ServerTlsConfig, path: Path, now: Date, report: Report): void {
  for (const { cert, hosts = [] } of certificates) {
    lintTime(cert, path, now, report)
    const [leaf] = certificatesOf(cert.pem)
    for (const host of hosts) {
      if (leaf?.checkHost(host.replace(/^\*\./, 'any.')) === undefined)
        report.warn(path, `the certificate for ${host} does not have that name: clients will not accept it`)
    }
  }
  if (clientCertificates !== false) lintTime(clientCertificates.ca, [...path, 'clientCertificates', 'ca'], now, report)
}

function lintTime(pem: Pem | undefined, path: Path, now: Date, report: Report): void {
  for (const { subject, validFromDate, validToDate } of pem === undefined ? [] : certificatesOf(pem.pem)) {
    const name = subject.split('\n').join(', ')
    if (validToDate < now) report.warn(path, `the certificate of ${name} has expired on ${dayOf(validToDate)}`)
    else if (validFromDate > now) report.warn(path, `the certificate of ${name} is not valid before ${dayOf(validFromDate)}`)
  }
}

const dayOf = (date: Date) => date.toISOString().slice(0, 10)
