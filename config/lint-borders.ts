import { isIP } from 'node:net'
import { Networks } from '../src/security/networks.ts'
import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'

const loopback = new Networks(['127.0.0.0/8', '::1'])

/** Warns of doors that are wider open than they look. */
export function lintBorders({ admin, security, routes }: GatewayConfig, report: Report): void {
  if (admin !== false && admin.token === undefined && isIP(admin.host) !== 0 && !loopback.has(admin.host))
    report.warn(
      ['admin'],
      'is open beyond this machine without a token: who reaches the port and names localhost may do everything'
    )
  const everywhere = security.allow.length + security.deny.length > 0
  for (const [index, { mode, allow, deny, csrf }] of routes.entries()) {
    if (mode !== 'observe') continue
    const refusing = [
      ...(everywhere ? ['the lists of security'] : []),
      ...(allow.length + deny.length > 0 ? ['its lists'] : []),
      ...(csrf === false ? [] : ['csrf'])
    ]
    if (refusing.length > 0) report.warn(['routes', index, 'mode'], `is observe: ${refusing.join(' and ')} refuse nobody here`)
  }
}
