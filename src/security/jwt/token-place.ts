import type { CredentialRequest } from '../../model/authenticator.ts'
import type { CredentialPlaces } from '../../model/kept-back.ts'
import { type RequestKey, requestKey } from '../../model/request-key.ts'

/** Where a token stands. The header comes first, then the cookie, then the query. */
export interface TokenPlaces {
  readonly header: string | false
  readonly cookie?: string
  readonly query?: string
}

/** The same, for whoever takes tokens out of a request. */
export function placesOf({ header, cookie, query }: TokenPlaces): CredentialPlaces {
  return { ...(header === 'authorization' ? { scheme: 'bearer' } : header !== false && { header }), cookie, query }
}

/** What was shown: undefined for nothing, malformed where it is shown in a form that is none. */
export type Shown = { readonly token: string } | 'malformed' | undefined

const bearer = /^bearer(?: +([^ ,]+) *)?$/i

/** Reads the token of a request. */
export function tokenReader({ header, cookie, query }: TokenPlaces): (request: CredentialRequest) => Shown {
  const readers: ((request: CredentialRequest) => Shown)[] = []
  if (header === 'authorization') readers.push(readAuthorization)
  else if (header !== false) readers.push(({ headers }) => readHeader(headers[header]))
  for (const by of [cookie && `cookie:${cookie}`, query && `query:${query}`]) {
    const read = by ? requestKey(by) : undefined
    if (read !== undefined) readers.push(byKey(read))
  }
  const [only = () => undefined, ...more] = readers
  if (more.length === 0) return only
  return request => {
    for (const read of readers) {
      const shown = read(request)
      if (shown !== undefined) return shown
    }
    return undefined
  }
}

/** RFC 6750 section 2.1. Another scheme is another's affair. */
function readAuthorization({ headers }: CredentialRequest): Shown {
  const { authorization } = headers
  if (authorization === undefined) return undefined
  if (authorization.startsWith('Bearer ey') && !authorization.includes(' ', 7)) return { token: authorization.slice(7) }
  if (!/^bearer(?: |$)/i.test(authorization)) return undefined
  const token = bearer.exec(authorization)?.[1]
  return token === undefined ? 'malformed' : { token }
}

/** A header of its own holds the token alone, or after Bearer. */
function readHeader(value: string | string[] | undefined): Shown {
  if (value === undefined || value === '') return undefined
  const token = String(value).replace(/^bearer +/i, '')
  return /[ ,]/.test(token) ? 'malformed' : { token }
}

const byKey =
  (read: RequestKey) =>
  ({ headers, search, ip }: CredentialRequest): Shown => {
    const token = read({ headers, search: search.slice(1), ip })
    return token === undefined || token === '' ? undefined : { token }
  }
