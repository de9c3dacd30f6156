import httpProxy from '@fastify/http-proxy'
import type { FastifyInstance } from 'fastify'
import { everyMethod } from '../src/model/methods.ts'

/** Never asked: `handler` takes the place of reply-from, and without it the package would open connections of its own. */
const noClient = {
  request() {
    throw new Error('requests are forwarded by src/forward')
  }
}

/**
 * Maps every path to the forwarder, through @fastify/http-proxy's `handler`. Which prefix it is, and so which group, the route
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
    // The path was read and checked once, by the route table, and is rewritten by the forwarder.
    preRewrite: () => '/',
    proxyPayloads: false,
    handler: (request, reply) => app.forward(request as never, reply as never)
  } as Parameters<typeof httpProxy>[1])
}
