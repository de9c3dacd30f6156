import type { IncomingHttpHeaders } from 'node:http'

/** Where a credential may stand in a request. */
export interface CredentialPlaces {
  /** A field that holds nothing else, in lower case. */
  readonly header?: string | undefined
  /** Of `Authorization`, in lower case. */
  readonly scheme?: string | undefined
  readonly cookie?: string | undefined
  /** A parameter of the query. */
  readonly query?: string | undefined
}

/** What of a request was a credential for the gateway alone: it does not go on to the upstream. */
export interface KeptBack {
  /** Names in lower case, and the values that were read: a field that a plugin has replaced since goes on. */
  readonly fields: ReadonlyMap<string, string | string[]>
  readonly cookies: ReadonlySet<string>
  readonly parameters: ReadonlySet<string>
}

/** What stands in these places of a request. */
export function keptBackOf(places: readonly CredentialPlaces[], headers: IncomingHttpHeaders): KeptBack {
  const fields = new Map<string, string | string[]>()
  const cookies = new Set<string>()
  const parameters = new Set<string>()
  for (const { header, scheme, cookie, query } of places) {
    const { authorization } = headers
    const value = header === undefined ? undefined : headers[header]
    if (header !== undefined && value !== undefined) fields.set(header, value)
    // Another scheme is another's credential.
    if (scheme !== undefined && authorization !== undefined && hasScheme(authorization, scheme))
      fields.set('authorization', authorization)
    if (cookie !== undefined) cookies.add(cookie)
    if (query !== undefined) parameters.add(query)
  }
  return { fields, cookies, parameters }
}

/** RFC 9110 section 11.4: the case of a scheme does not matter. */
const hasScheme = (authorization: string, scheme: string) =>
  authorization.slice(0, scheme.length).toLowerCase() === scheme && /^(?: |$)/.test(authorization.slice(scheme.length))

/** A field as it goes on; undefined: it does not. */
export function fieldWithout({ fields, cookies }: KeptBack, name: string, value: string | string[]): typeof value | undefined {
  if (fields.get(name) === value) return undefined
  return name === 'cookie' && cookies.size > 0 ? cookiesWithout(String(value), cookies) : value
}

/** The others stay as they were written. */
function cookiesWithout(value: string, names: ReadonlySet<string>): string | undefined {
  const pairs = value.split(';')
  const others = pairs.filter(pair => !pair.includes('=') || !names.has(pair.slice(0, pair.indexOf('=')).trim()))
  if (others.length === pairs.length) return value
  return others.length === 0 ? undefined : others.join(';').trimStart()
}

/** The query with its question mark, or nothing; the other parameters stay as they were written. */
export function searchWithout({ parameters }: KeptBack, search: string): string {
  if (parameters.size === 0 || search === '') return search
  const pairs = search.slice(1).split('&')
  const others = pairs.filter(pair => !names(pair, parameters))
  return others.length === 0 ? '' : `?${others.join('&')}`
}

/** The same of a path with its query. */
export function urlWithout(keptBack: KeptBack, url: string): string {
  const mark = url.indexOf('?')
  return mark < 0 ? url : url.slice(0, mark) + searchWithout(keptBack, url.slice(mark))
}

/** Read as it was read when the credential was looked for. The ampersand keeps a question mark from being taken for the first. */
function names(pair: string, parameters: ReadonlySet<string>): boolean {
  const [name] = new URLSearchParams(`&${pair}`).keys()
  return name !== undefined && parameters.has(name)
}
