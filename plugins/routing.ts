import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { GatewayError } from '../src/model/errors.ts'
import { type Match, matchRequest } from '../src/routing/router.ts'
import type { RouteTable } from '../src/routing/table.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The route that was selected, with the one reading of the path, or why there is none. */
    readonly match: Match
  }
}

const matchKey = Symbol('evergate.match')
type Matched = IncomingMessage & { [matchKey]?: Match }

const unread: Match = { kind: 'refused', code: 'EG_BAD_REQUEST', detail: '', path: '/', search: '', host: '' }

/** How a request was read; one that nobody read is refused. */
export const matchOf = (request: IncomingMessage): Match => (request as Matched)[matchKey] ?? unread

/**
 * Fastify's `rewriteUrl`: reads a request before anything else sees it, so that every hook, and the router, sees the one
 * reading of its path. A request that is refused is looked at no further.
 */
export function readRequests(table: RouteTable) {
  return (request: IncomingMessage): string => {
    const match = matchRequest(table, request.method ?? '', request.url ?? '', request.headers)
    ;(request as Matched)[matchKey] = match
    return match.kind === 'route' ? match.path + match.search : '/'
  }
}

/** Refuses what has no route, or more than one reading, before any policy is asked. */
export default fp(
  async (app: FastifyInstance, { pseudonym }: { pseudonym: string }) => {
    app.decorateRequest('match', {
      getter() {
        return matchOf(this.raw)
      }
    })
    app.addHook('onRequest', (request, _reply, done) => {
      const { match } = request
      if (match.kind === 'refused') done(refusal(match))
      else if (request.raw.headers['via']?.includes(pseudonym)) done(new GatewayError('EG_LOOP'))
      else done()
    })
  },
  { name: 'routing', dependencies: ['origin'] }
)

function refusal({ code, detail, allow }: Match & { kind: 'refused' }): GatewayError {
  return new GatewayError(code, detail, allow === undefined ? {} : { allow: allow.join(', ') })
}
