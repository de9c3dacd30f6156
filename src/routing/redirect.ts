import { outgoingPath } from '../model/outgoing-path.ts'
import type { Elsewhere, Route } from '../model/route.ts'

/** Where a client is that asks: `host` has the port, where that is not the scheme's own. */
export interface Origin {
  readonly protocol: 'http' | 'https'
  readonly host: string
}

/** The path to which a client is sent: the one of `to` in the place of the prefix, then the rest. Without `to` it stays. */
export function redirectPath({ prefix, exact }: Pick<Route, 'prefix' | 'exact'>, { to }: Elsewhere, path: string): string {
  if (to === undefined) return path
  return outgoingPath({ prefix, ...(exact ? { exact } : {}), rewrite: splitLocation(to)[1] }, path)
}

/**
 * The Location for a path, which may have a query. It stands at the origin of `to`, where that has one; where a scheme, a host or a
 * port is given, the rest is as the client asked, and undefined when its Host is none; else the client stays where it is. A path
 * never begins with two slashes, which would name another host.
 */
export function redirectLocation(elsewhere: Elsewhere, path: string, asked: Origin): string | undefined {
  const { to, scheme, host, port } = elsewhere
  const named = to === undefined ? '' : splitLocation(to)[0]
  const origin = named === '' && (scheme ?? host ?? port) !== undefined ? originOf(elsewhere, asked) : named
  return origin === undefined ? undefined : origin + path.replace(/^[/\\]{2,}/, '/')
}

/** `https://a.example/b` is an origin and a path; a path alone has no origin. */
function splitLocation(to: string): [origin: string, path: string] {
  if (to.startsWith('/')) return ['', to]
  const url = new URL(to)
  return [url.origin, url.pathname]
}

const authority = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::(\d*))?$/i

/** Another scheme has a port of its own; a URL does not name the one that its scheme has. */
function originOf({ scheme, host, port }: Elsewhere, asked: Origin): string | undefined {
  const [, name, asksFor = ''] = authority.exec(asked.host) ?? []
  const server = host ?? name
  if (server === undefined) return undefined
  const protocol = scheme ?? asked.protocol
  const number = port === undefined ? (scheme === undefined ? asksFor : '') : String(port)
  const isOwn = number === '' || number === (protocol === 'https' ? '443' : '80')
  return `${protocol}://${server}${isOwn ? '' : `:${number}`}`
}
