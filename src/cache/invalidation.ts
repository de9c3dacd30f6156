import { isSafe } from '../model/methods.ts'
import type { Asked } from './asked.ts'
import { combined, type Fields } from './fields.ts'

/** The addresses that a request which changed something makes invalid, its own first (RFC 9111 section 4.4). */
export function invalidated(asked: Asked, status: number, fields: Fields): Asked[] {
  if (isSafe(asked.method) || status < 200 || status > 399) return []
  const others = ['location', 'content-location'].flatMap(name => otherAddress(asked, combined(fields, name)))
  return [asked, ...others]
}

/** What a Location names, where that is the same site. */
function otherAddress(asked: Asked, location: string | undefined): Asked[] {
  if (location === undefined) return []
  const url = URL.parse(location, `${asked.site}${asked.path}`)
  if (url === null || url.origin !== URL.parse(asked.site)?.origin) return []
  return [{ ...asked, path: url.pathname, search: url.search }]
}
