/**
 * One reading of a path, for matching and for forwarding: what one part of a system reads as `/a` and another as `/b` is a way
 * past every rule about `/b`.
 */

const suspicious = /[%\\\0#]|\/\/|\/\./
const escapes = /%([0-9a-f]{2})/gi
const unreserved = /[A-Za-z0-9\-._~]/

/** True when every escape is well formed and the whole is UTF-8, as RFC 3986 section 2.5 has it. */
export function isWellFormed(path: string): boolean {
  if (!path.includes('%')) return true
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** The path with escapes of unreserved characters decoded and dot segments removed (RFC 3986 sections 6.2.2.2 and 5.2.4). */
export function canonicalPath(path: string): string {
  if (!suspicious.test(path)) return path
  const decoded = path.replace(escapes, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return unreserved.test(character) ? character : triplet
  })
  return decoded.includes('/.') ? withoutDotSegments(decoded) : decoded
}

function withoutDotSegments(path: string): string {
  const kept: string[] = []
  const segments = path.split('/').slice(1)
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
    if (last && (segment === '.' || segment === '..')) kept.push('')
  })
  return `/${kept.join('/')}`
}

/** How others may read what this gateway leaves as it is: each a rewriting that some server or framework is known to do. */
const readings: readonly [RegExp, string][] = [
  [/%2f/gi, '/'],
  [/%5c|\\/gi, '/'],
  [/%00.*$/i, ''],
  [/%00/gi, ''],
  [/\/{2,}/g, '/']
]

/**
 * The other ways in which a canonical path may be read, each canonical again; nothing for nearly every path. A path is
 * ambiguous, and to be refused, when one of them would match another route.
 */
export function otherReadings(path: string): readonly string[] {
  if (!suspicious.test(path)) return []
  let paths = [path]
  for (const [pattern, replacement] of readings) {
    const read = paths.map(each => canonicalPath(each.replace(pattern, replacement) || '/'))
    paths = [...new Set([...paths, ...read])]
  }
  return paths.slice(1)
}
