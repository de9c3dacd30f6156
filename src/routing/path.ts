/**
 * One reading of a path, for matching and for forwarding: what one part of a system reads as `/a` and another as `/b` is a way
 * past every rule about `/b`.
 */

const irregular = /%|\/\./
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
  if (!irregular.test(path)) return path
  const decoded = decodedPath(path)
  return decoded.includes('/.') ? withoutDotSegments(decoded) : decoded
}

/** The path with escapes of unreserved characters decoded, and dot segments as they were written. */
export function decodedPath(path: string): string {
  return path.replace(escapes, (triplet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return unreserved.test(character) ? character : triplet
  })
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

/** In which two writings of a path are compared: the digits of an escape may be of either case (RFC 3986 section 6.2.2.1). */
export function comparablePath(path: string): string {
  return path.includes('%') ? path.replace(escapes, triplet => triplet.toUpperCase()) : path
}

/** True when the prefix ends at a segment boundary of the path. */
export function hasPrefix(path: string, prefix: string): boolean {
  if (prefix === '/') return true
  return path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === 47)
}

type Step = (path: string) => string

const rewriting =
  (pattern: RegExp, replacement: string): Step =>
  path =>
    path.replace(pattern, replacement)

/** Escapes of what may stand in a request line as it is, but for those that others here are about, and `%`, `?` and `#`. */
const visible = /%(?:2[1246-9a-c]|3[a-e]|40|5[bde]|60|7[b-d])/gi

/**
 * What this gateway leaves as it is and others do not: each step is something that some server or framework does to a path
 * before it looks it up. Which of them it does, and in what order, nobody here knows.
 */
const steps: readonly Step[] = [
  rewriting(/%2f/gi, '/'),
  rewriting(/%5c/gi, '\\'),
  rewriting(/\\/g, '/'),
  rewriting(/%00.*$/, ''),
  rewriting(/%00/g, ''),
  path => path.replace(visible, decodeURIComponent),
  rewriting(/;[^/]*/g, ''),
  rewriting(/\/{2,}/g, '/'),
  path => (path.includes('/.') ? withoutDotSegments(path) : path)
]

const suspicious = /[%\\;]|\/\//

/** No path that means something has as many; each costs time in proportion to its length. */
const mostReadings = 128
const mostCharacters = 256 * 1024

/**
 * Whether all other ways in which a canonical path may be read pass the test: every sequence of steps is tried. A path that has
 * too many of them does not pass. Nearly every path has none. `written` still has its dot segments: who takes `//` for `/` before
 * removing them reads `/a//../b` as `/b`.
 */
export function everyReading(path: string, passes: (reading: string) => boolean, written = path): boolean {
  if (!suspicious.test(path) && !suspicious.test(written)) return true
  const readings = new Set([path, written])
  // What is added to a set while it is walked is walked too.
  for (const reading of readings) {
    if (reading !== path && !passes(reading)) return false
    if (readings.size > mostReadings || readings.size * path.length > mostCharacters) return false
    for (const step of steps) readings.add(step(reading))
  }
  return true
}

/** The other ways in which a canonical path may be read; nothing for nearly every path. */
export function otherReadings(path: string): readonly string[] {
  const others: string[] = []
  everyReading(path, reading => others.push(reading) > 0)
  return others
}
