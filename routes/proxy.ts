import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { everyMethod } from '../src/model/methods.ts'

/** Never asked: without it the package would open connections of its own. */
const noClient = {
  request() {
    throw new Error('requests are forwarded by src/forward')
  }
}

/**
 * Maps every path to the forwarder, through @fastify/http-proxy's `preHandler`. Which prefix it is, and so which group, the route
 * table has said before Fastify's router is asked: a Fastify route for each of 10,000 prefixes and 33 methods would take 6 s
 * and 1.4 GB to start (docs/decisions/0001-route-table.md).
 */
export default async function proxy(app: FastifyInstance, { constraints }: { constraints: Record<string, string> }) {
  await app.register(httpProxy, {
    upstream: 'http://upstream',
    undici: noClient as never,
    routes: ['/', '/*'],
    httpMethods: everyMethod as string[],
    constraints,
    proxyPayloads: false,
    // The end of the hook chain: it forwards, and does not go on to the package's handler, which would read and check the path
    // anew. The route table has done that once for all, and reading it twice takes 2 of 34 us.
    preHandler: (request: FastifyRequest, reply: FastifyReply) => app.forward(request, reply)
  } as unknown as Parameters<typeof httpProxy>[1])
}
