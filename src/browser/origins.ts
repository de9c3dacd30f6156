/** Names, dots between them: what `*` may stand for in `https://*.example.com`. */
const names = /^[\w-]+(?:\.[\w-]+)*$/

/** Whether an origin is one of these: `https://app.example`, `https://*.example.com` for every name below it, `*` for all. */
export function originMatcher(patterns: readonly string[]): (origin: string) => boolean {
  if (patterns.includes('*')) return () => true
  const exact = new Set(patterns.filter(pattern => !pattern.includes('*')))
  const below = patterns
    .filter(pattern => pattern.includes('*'))
    .map(pattern => {
      const star = pattern.indexOf('*')
      return { start: pattern.slice(0, star), end: pattern.slice(star + 1) }
    })
  return origin =>
    exact.has(origin) ||
    below.some(
      ({ start, end }) =>
        origin.startsWith(start) && origin.endsWith(end) && names.test(origin.slice(start.length, origin.length - end.length))
    )
}

/** Whether a page of this origin asks its own server, by the host that it asked for. */
export function isOwnOrigin(origin: string, host: string): boolean {
  const page = URL.parse(origin)
  // The scheme that clients used is not known behind what ends TLS; the default port is left out of either.
  return page !== null && page.host !== '' && page.host === URL.parse(`${page.protocol}//${host}`)?.host
}
