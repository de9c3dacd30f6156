import { createHash, timingSafeEqual } from 'node:crypto'
import type { onRequestHookHandler } from 'fastify'
import { GatewayError } from '../../src/model/errors.ts'
import { hostName } from '../../src/routing/request-view.ts'

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/**
 * Who may call the admin API: whoever has the token; where there is none, whoever names loopback as its host (so that a foreign
 * page cannot get here by a name of its own that resolves to this machine) and is no page of another origin.
 */
export function guard(token: string | undefined): onRequestHookHandler {
  const expected = token === undefined ? undefined : digest(token)
  return (request, _reply, done) => {
    const { authorization = '', host = '', origin, 'sec-fetch-site': site } = request.headers
    if (expected !== undefined) {
      // RFC 9110 section 11.1: the scheme is written in letters of either case.
      const [, shown = ''] = /^Bearer +(.*)$/i.exec(authorization) ?? []
      const known = timingSafeEqual(digest(shown), expected)
      done(
        known
          ? undefined
          : new GatewayError('EG_UNAUTHENTICATED', undefined, { 'www-authenticate': 'Bearer realm="evergate admin"' })
      )
      return
    }
    const sameOrigin = origin === undefined || hostOf(origin) === host
    const sameSite = site === undefined || site === 'same-origin' || site === 'none'
    done(loopback.test(hostName(host)) && sameOrigin && sameSite ? undefined : new GatewayError('EG_FORBIDDEN'))
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest()
const hostOf = (origin: string) => URL.parse(origin)?.host
