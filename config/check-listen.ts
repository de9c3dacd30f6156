import { createSecureContext } from 'node:tls'
import { type Pem, whyUnusable } from '../src/model/pem.ts'
import { checkAcme } from './check-acme.ts'
import type { Draft } from './draft.ts'
import { lintShown, lintTime } from './lint-certificates.ts'
import { valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { listenersOf } from './resolve.ts'
import type { FilledServerTls } from './resolve-listen.ts'
import type { CertificateConfig } from './types.ts'

/** Certificates can be used, and what a listener says goes together. */
export function checkListeners({ input, top }: Draft, report: Report): void {
  const written = valueAt(input, 'listen')
  for (const [index, listener] of listenersOf(top.listen).entries()) {
    if (typeof listener !== 'object') continue
    const own: Path = Array.isArray(written) ? ['listen', index] : ['listen']
    const { tls, redirect, proxyProtocol } = listener
    if (tls !== undefined && redirect)
      report.add(
        [...own, 'redirect'],
        'stands beside tls; accepted: redirect on a listener without tls, which sends clients to the one with it'
      )
    if (proxyProtocol && top.trustProxy.length === 0)
      report.add(
        [...own, 'proxyProtocol'],
        'nobody may connect; accepted: trustProxy with the networks of the proxies that send the header'
      )
    if (tls !== undefined) checkTls(tls, Array.isArray(written) ? written[index] : written, [...own, 'tls'], report)
  }
}

/** What was refused was reported; it is there as it was written. */
function checkTls(tls: FilledServerTls, listener: unknown, path: Path, report: Report): void {
  const written = valueAt(listener, 'tls')
  const has = (name: string) => valueAt(written, name) !== undefined
  if (has('acme')) {
    checkAcme(tls.acme, has('cert') || has('key') || (tls.certificates ?? []).length > 0, [...path, 'acme'], report)
  } else if (has('cert') !== has('key')) {
    report.add(path, `has ${has('key') ? 'key without cert' : 'cert without key'}; accepted: both`)
  } else if (!has('cert') && (tls.certificates ?? []).length === 0) {
    report.add(path, 'has no certificate; accepted: cert and key, certificates with at least one, or acme')
  }
  checkPair(tls, path, report)
  for (const [index, each] of (tls.certificates ?? []).entries())
    if (each !== undefined) checkPair(each, [...path, 'certificates', index], report)
  const { clientCertificates, ciphers } = tls
  if (clientCertificates !== false) checkAuthorities(clientCertificates.ca, [...path, 'clientCertificates', 'ca'], report)
  if (ciphers !== undefined && !areKnown(ciphers))
    report.add([...path, 'ciphers'], 'no cipher suite is known by these names; accepted: names of OpenSSL with : between them')
}

function checkPair({ cert, key, hosts }: Partial<CertificateConfig>, path: Path, report: Report): void {
  if (cert === undefined || key === undefined) return
  const wrong = whyUnusable({ cert: cert.pem, key: key.pem })
  if (wrong === undefined) lintShown({ cert, ...(hosts && { hosts }) }, path, report)
  else report.add(path, `cert and key cannot be used: ${wrong}; accepted: PEM of a certificate and its key, without a passphrase`)
}

function checkAuthorities(ca: Pem | undefined, path: Path, report: Report): void {
  if (ca === undefined) return
  const wrong = whyUnusable({ ca: ca.pem })
  if (wrong === undefined) lintTime(ca, path, report)
  else report.add(path, `cannot be used: ${wrong}; accepted: PEM of certificates`)
}

function areKnown(ciphers: string): boolean {
  try {
    createSecureContext({ ciphers })
    return true
  } catch {
    return false
  }
}
