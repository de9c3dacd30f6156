import { outgoingPath } from '../model/outgoing-path.ts'

/**
 * Where a client is sent: `to` in the place of the prefix, then the rest of the path and the query. A path never begins with two
 * slashes, which would name another host.
 */
export function redirectLocation(prefix: string, to: string, path: string, search: string): string {
  const [origin = '', base = '/'] = split(to)
  const rest = outgoingPath({ prefix, rewrite: base }, path)
  return origin + rest.replace(/^[/\\]{2,}/, '/') + search
}

/** `https://a.example/b` is an origin and a path; a path alone has no origin. */
function split(to: string): [origin: string, path: string] {
  if (to.startsWith('/')) return ['', to]
  const url = new URL(to)
  return [url.origin, url.pathname]
}
