import { outgoingPath } from '../model/outgoing-path.ts'

/**
 * Where a client is sent: `to` in the place of the prefix, then the rest of the path and the query. A path never begins with two
 * slashes, which would name another host.
 */
export function redirectLocation(prefix: string, to: string, path: string, search: string): string {
  const [origin, base] = splitLocation(to)
  return at(origin, outgoingPath({ prefix, rewrite: base }, path) + search)
}

/** The same where path and query are made from the request: they stand at the origin of `to`, where that has one. */
export const madeLocation = (to: string, made: string) => at(splitLocation(to)[0], made)

const at = (origin: string, target: string) => origin + target.replace(/^[/\\]{2,}/, '/')

/** `https://a.example/b` is an origin and a path; a path alone has no origin. */
export function splitLocation(to: string): [origin: string, path: string] {
  if (to.startsWith('/')) return ['', to]
  const url = new URL(to)
  return [url.origin, url.pathname]
}
