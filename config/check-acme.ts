import { isIP } from 'node:net'
import { whyUnusable } from '../src/model/pem.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { FilledAcme } from './resolve-listen.ts'
import type { GatewayConfig } from './types.ts'

/** `others`: there are certificates beside it. What was refused was reported. */
export function checkAcme(acme: FilledAcme | undefined, others: boolean, path: Path, report: Report): void {
  if (others)
    report.add(path, 'stands beside cert, key or certificates; accepted: one of the two, and another listener for the others')
  if (acme === undefined) return
  const { domains = [], email, agreeToTerms, ca } = acme
  if (agreeToTerms === false)
    report.add(
      [...path, 'agreeToTerms'],
      'is not true; accepted: true, once you have read the terms of service of the authority and agree to them'
    )
  for (const [index, domain] of domains.entries()) {
    if (domain === undefined) continue
    const wrong = whyNot(domain, domains.indexOf(domain) < index)
    if (wrong !== undefined) report.add([...path, 'domains', index], wrong)
  }
  if (email !== undefined && !/^[^\s@,?:]+@[^\s@,?:]+$/.test(email))
    report.add([...path, 'email'], 'is no address of mail; accepted: one, such as ops@example.com')
  const unusable = ca === undefined ? undefined : whyUnusable({ ca: ca.pem })
  if (unusable !== undefined) report.add([...path, 'ca'], `cannot be used: ${unusable}; accepted: PEM of certificates`)
}

function whyNot(domain: string, isTwice: boolean): string | undefined {
  const accepted = 'accepted: exact names, such as www.example.com'
  if (domain.startsWith('*.'))
    return `${domain} is a wildcard, which HTTP-01 cannot prove; ${accepted}, or certificates that another program obtains over DNS-01`
  if (isIP(domain.replace(/^\[|\]$/g, '')) !== 0) return `${domain} is an IP address; ${accepted}`
  return isTwice ? `${domain} is there twice; ${accepted}` : undefined
}

/** Warns where the authority's question would find nobody. */
export function lintAcme({ listen }: GatewayConfig, report: Report): void {
  if (!listen.some(({ tls }) => tls?.acme) || listen.some(({ tls, port }) => tls === undefined && port === 80)) return
  report.warn(
    ['listen'],
    'no listener without tls has port 80, where the authority of acme asks (HTTP-01); what reaches port 80 must be led to one here'
  )
}
