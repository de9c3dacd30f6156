import { certificatesOf, type Pem } from '../src/model/pem.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { CertificateConfig, TlsConfig } from './types.ts'

/** Warns of a certificate that clients will not accept, though the gateway can show it. */
export function lintShown({ cert, hosts = [] }: Pick<CertificateConfig, 'cert' | 'hosts'>, path: Path, report: Report): void {
  lintTime(cert, [...path, 'cert'], report)
  const [leaf] = certificatesOf(cert.pem)
  for (const host of hosts) {
    // A pattern is asked for by some name that it stands for.
    if (leaf?.checkHost(host.replace(/^\*\./, 'any.')) === undefined)
      report.warn([...path, 'hosts'], `the certificate does not have the name ${host}: clients will not accept it`)
  }
}

/** Warns of certificates towards targets that are out of date. */
export function lintUpstreamCertificates({ cert, ca }: TlsConfig, path: Path, report: Report): void {
  lintTime(cert, [...path, 'cert'], report)
  lintTime(ca, [...path, 'ca'], report)
}

/** Warns of certificates whose time is over, or has not begun. */
export function lintTime(pem: Pem | undefined, path: Path, report: Report): void {
  const now = new Date()
  for (const { subject, validFromDate, validToDate } of pem === undefined ? [] : certificatesOf(pem.pem)) {
    const name = subject.split('\n').join(', ')
    if (validToDate < now) report.warn(path, `the certificate of ${name} expired on ${dayOf(validToDate)}`)
    else if (validFromDate > now) report.warn(path, `the certificate of ${name} is not valid before ${dayOf(validFromDate)}`)
  }
}

const dayOf = (date: Date) => date.toISOString().slice(0, 10)
