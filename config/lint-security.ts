import { isIP } from 'node:net'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { GatewayConfig } from './types.ts'
import type { JwtConfig } from './types-security.ts'

/** Warns of what lets in more than was probably meant. */
export function lintSecurity({ routes, security }: GatewayConfig, report: Report): void {
  for (const [index, { auth }] of routes.entries()) {
    if (auth !== false && auth.mode === 'observe')
      report.warn(['routes', index, 'auth', 'mode'], 'nobody is refused on this route: mode: observe only counts who would be')
  }
  const asked = new Set(routes.flatMap(({ auth }) => (auth === false ? [] : auth.ways)).map(({ kind, name }) => name ?? kind))
  for (const verifier of security.jwt) {
    const path = pathOf(verifier, security.jwt.length)
    const isUsed = asked.has(verifier.name) || (security.jwt.length === 1 && asked.has('jwt'))
    if (!isUsed) report.warn(path, 'no route asks for these tokens')
    lintVerifier(verifier, path, report)
  }
}

/** The only verifier may stand without a name. */
const pathOf = ({ name }: JwtConfig, count: number): Path =>
  count === 1 && name === 'jwt' ? ['security', 'jwt'] : ['security', 'jwt', name]

function lintVerifier({ by, audience, query, header, cookie }: JwtConfig, path: Path, report: Report): void {
  // Whoever has the secret makes tokens for this service alone; an issuer with a key pair makes them for others too.
  if (audience.length === 0 && !('secret' in by))
    report.warn(path, 'no audience is named: tokens that the issuer made for other services are accepted too')
  if ('jwks' in by && by.jwks.startsWith('http:') && !isLoopback(new URL(by.jwks).hostname))
    report.warn([...path, 'jwks'], 'keys that come over http can be replaced on their way; https is meant')
  if (query !== undefined)
    report.warn(
      [...path, 'query'],
      'a token in the query is written to the logs and histories of others; a header or cookie is not'
    )
  if (cookie !== undefined && header === false)
    report.warn(
      [...path, 'cookie'],
      'a browser sends a cookie with requests of other pages too: it needs SameSite, or protection of its own'
    )
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
