import { withoutFinalSlash } from '../model/outgoing-path.ts'
import type { Route } from '../model/route.ts'

/** How an answer's URLs and cookie paths come back under the client's prefix. */
export interface ReverseContext {
  readonly route: Pick<Route, 'prefix' | 'exact' | 'rewrite'>
  /** Scheme, host and port of the target, which a client must not see. */
  readonly targetUrl: string
  /** What the client asked for. */
  readonly host: string
  readonly protocol: string
}

/**
 * A Location (or Content-Location) for the client: an address of the target becomes a path, a path under `rewrite` goes back
 * under the prefix. What is somebody else's stays. It never begins with two slashes, which would name another host.
 */
export function incomingLocation(location: string, context: ReverseContext): string {
  if (/^[/\\]{2}/.test(location)) {
    const rest = location.slice(2).replace(/^[/\\]+/, '')
    const named = URL.parse(`${URL.parse(context.targetUrl)?.protocol}//${rest}`)
    if (named?.origin === context.targetUrl) return safePath(incomingPath(pathOf(named), context.route))
    return `${context.protocol}://${rest}`
  }
  if (location.startsWith('/')) return safePath(incomingPath(location, context.route))
  const url = URL.parse(location)
  if (url === null) return location
  const path = pathOf(url)
  if (url.origin === context.targetUrl) return safePath(incomingPath(path, context.route))
  if (url.host === context.host) return url.origin + safePath(incomingPath(path, context.route))
  return location
}

/** A Set-Cookie with its Path back under the prefix. */
export function incomingCookie(cookie: string, route: ReverseContext['route']): string {
  if (route.rewrite === undefined) return cookie
  return cookie.replace(/(;\s*path\s*=\s*)([^;]*)/i, (_whole, name: string, path: string) => {
    // A cookie for /api/ would not be sent to /api itself.
    return name + (withoutFinalSlash(incomingPath(path.trim(), route)) || '/')
  })
}

function incomingPath(path: string, route: ReverseContext['route']): string {
  if (route.rewrite === undefined) return path
  if (route.exact) return path.replace(/^[^?#]*/, all => (all === route.rewrite ? route.prefix : all))
  const base = withoutFinalSlash(route.rewrite)
  const prefix = withoutFinalSlash(route.prefix)
  if (path === base) return prefix || '/'
  if (!path.startsWith(base) || !'/?#'.includes(path.charAt(base.length))) return path
  return prefix + path.slice(base.length) || '/'
}

const pathOf = (url: URL) => url.pathname + url.search + url.hash
const safePath = (path: string) => path.replace(/^[/\\]{2,}/, '/')
