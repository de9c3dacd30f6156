import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { CsrfRules } from '../model/browser.ts'
import { isSafe } from '../model/methods.ts'
import { isOwnOrigin, originMatcher } from './origins.ts'

/** As the configuration has them. */
export interface CsrfSettings {
  readonly cookie: string
  /** Lower case. */
  readonly header: string
  readonly origins: readonly string[]
}

/** Too short to be one that nobody guesses. */
const leastLength = 16

/**
 * Forged requests of other sites, in two steps (OWASP, Cross-Site Request Forgery Prevention): the browser says where a request
 * comes from (Sec-Fetch-Site, else Origin), and a request with cookies shows in a header what only a page of this origin could
 * read from its own (double submit). Without cookies there is nothing for another site to use.
 */
export function csrfRules({ cookie, header, origins }: CsrfSettings): CsrfRules {
  const isTrusted = originMatcher(origins)
  return {
    cookie,
    fault({ method, headers, host }) {
      if (isSafe(method)) return undefined
      const { origin } = headers
      if (origin !== undefined && isTrusted(origin)) return undefined
      if (!isFromHere(headers, host)) return 'origin'
      if (headers.cookie === undefined) return undefined
      const values = cookieValues(headers.cookie, cookie)
      const [token = ''] = values
      const isOne = token.length >= leastLength && values.every(value => value === token)
      return isOne && isEqual(String(headers[header] ?? ''), token) ? undefined : 'token'
    },
    lacks: cookies => cookieValues(cookies ?? '', cookie).length === 0
  }
}

/** What is neither said is no browser of the last years, which the token is for. */
function isFromHere(headers: IncomingHttpHeaders, host: string): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return headers.origin === undefined || isOwnOrigin(headers.origin, host)
}

/** All of that name: a neighbour may have set one of them for the whole domain. */
function cookieValues(cookies: string, name: string): string[] {
  return cookies.split(';').flatMap(pair => {
    const equals = pair.indexOf('=')
    return equals > 0 && pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : []
  })
}

const isEqual = (one: string, other: string) => timingSafeEqual(digest(one), digest(other))
const digest = (text: string) => createHash('sha256').update(text).digest()
