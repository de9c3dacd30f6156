import type { Fields } from './fields.ts'

/** Why a request was sent on (RFC 9211 section 2.2). */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'

/** What the cache did for one answer. */
export type Handled =
  | { readonly kind: 'hit'; readonly ttlMs: number; readonly collapsed?: boolean }
  | {
      readonly kind: 'forwarded'
      readonly why: Forwarded
      /** What came back, where that is not what the client gets. */
      readonly status?: number
      readonly stored?: boolean
      readonly collapsed?: boolean
      readonly detail?: string
    }

/** Adds this cache's member to the list of those that an answer came through. */
export function withStatus(fields: Fields, handled: Handled): string {
  const before = [fields['cache-status'] ?? []].flat()
  return [...before, memberOf(handled)].join(', ')
}

function memberOf(handled: Handled): string {
  const collapsed = handled.collapsed ? '; collapsed' : ''
  if (handled.kind === 'hit') return `evergate; hit; ttl=${Math.floor(handled.ttlMs / 1000)}${collapsed}`
  const { why, status, stored, detail } = handled
  return [
    `evergate; fwd=${why}`,
    ...(status === undefined ? [] : [`fwd-status=${status}`]),
    ...(stored ? ['stored'] : []),
    ...(detail === undefined ? [] : [`detail=${detail}`])
  ]
    .join('; ')
    .concat(collapsed)
}
