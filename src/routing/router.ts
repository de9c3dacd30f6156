import type { ErrorCode } from '../model/errors.ts'
import type { Route } from '../model/route.ts'
import { canonicalPath, decodedPath, everyReading, hasPrefix, isWellFormed } from './path.ts'
import { hostName, type RequestView } from './request-view.ts'
import type { RouteTable, Selection } from './table.ts'

type Headers = RequestView['headers']

/** How a request was read, and where it goes. `path` and `search` are what is matched, logged and forwarded. */
export type Match =
  | { readonly kind: 'route'; readonly route: Route; readonly path: string; readonly search: string; readonly host: string }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly detail: string
      readonly allow?: readonly string[]
      readonly path: string
      readonly search: string
      readonly host: string
    }

interface TargetParts {
  readonly path: string
  readonly search: string
  /** Of an absolute-form target; it stands in place of the Host field (RFC 9112 section 3.2.2). */
  readonly authority?: string
}

const absoluteForm = /^https?:\/\/([^/?#]*)([^#]*)$/i

/** Splits a request target in origin-form or absolute-form; undefined for any other. */
export function readTarget(target: string): TargetParts | undefined {
  if (target.charCodeAt(0) === 47) return split(target)
  const absolute = absoluteForm.exec(target)
  const [, authority = '', rest = ''] = absolute ?? []
  if (absolute === null || authority === '' || authority.includes('@')) return undefined
  return { ...split(rest.startsWith('/') ? rest : `/${rest}`), authority }
}

function split(target: string): TargetParts {
  const mark = target.indexOf('?')
  return mark < 0 ? { path: target, search: '' } : { path: target.slice(0, mark), search: target.slice(mark) }
}

/**
 * Reads a request once, for everybody: where it goes and by which path, or why it is refused. A preflight goes where the request
 * goes that it asks for, if CORS is answered for there.
 */
export function matchRequest(table: RouteTable, method: string, target: string, headers: Headers): Match {
  if (method === 'OPTIONS' && table.hasCors) {
    const asked = headers['access-control-request-method']
    if (typeof asked === 'string' && headers['origin'] !== undefined) {
      const match = readRequest(table, asked, target, headers, announcedBy(headers))
      if (match.kind === 'route' ? match.route.cors !== undefined : match.code === 'EG_BAD_REQUEST') return match
    }
  }
  return readRequest(table, method, target, headers)
}

function announcedBy(headers: Headers): ReadonlySet<string> {
  const names = String(headers['access-control-request-headers'] ?? '').split(',')
  return new Set(names.map(name => name.trim().toLowerCase()))
}

function readRequest(
  table: RouteTable,
  method: string,
  target: string,
  headers: Headers,
  announced?: ReadonlySet<string>
): Match {
  const parts = readTarget(target)
  const given = parts?.authority ?? headers['host']
  const host = typeof given === 'string' ? given : ''
  if (parts === undefined)
    return refused('EG_BAD_REQUEST', 'The request target is neither a path nor an http URL.', '/', '', host)
  const { search } = parts
  if (parts.path.includes('#') || !isWellFormed(parts.path)) {
    return refused('EG_BAD_REQUEST', 'The path has a malformed escape, or one that is not UTF-8.', '/', search, host)
  }
  const path = canonicalPath(parts.path)
  const request = { method, host: hostName(host), path, search, headers, ...(announced && { announced }) }
  const selection = table.select(request)
  const agrees = (other: string) => sameRoute(selection, table.select({ ...request, path: other }))
  if (
    !everyReading(path, agrees, path === parts.path ? path : decodedPath(parts.path)) ||
    (selection.kind === 'route' && mayLeaveRewrite(selection.route, path))
  ) {
    return refused('EG_BAD_REQUEST', 'The path can be read in more than one way.', path, search, host)
  }
  switch (selection.kind) {
    case 'route':
      return { kind: 'route', route: selection.route, path, search, host }
    case 'method':
      return { kind: 'refused', code: 'EG_METHOD', detail: '', allow: selection.allow, path, search, host }
    case 'none':
      return refused('EG_NO_ROUTE', '', path, search, host)
  }
}

function sameRoute(one: Selection, other: Selection): boolean {
  if (one.kind === 'route' && other.kind === 'route') return one.route === other.route
  return one.kind === other.kind
}

/** Stands for a rewrite: no request can have this character, and so none can leave it and come back by another way. */
const standIn = '/\x01'

/** Whether somebody may read the path that goes out as one that is not under the route's rewrite. */
function mayLeaveRewrite({ prefix, rewrite = '/' }: Route, path: string): boolean {
  if (rewrite === '/') return false
  const rest = prefix === '/' ? path : path.slice(prefix.length)
  return !everyReading(standIn + rest, reading => hasPrefix(reading, standIn))
}

const refused = (code: ErrorCode, detail: string, path: string, search: string, host: string): Match => {
  return { kind: 'refused', code, detail, path, search, host }
}
