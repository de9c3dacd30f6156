// As a module: a candidate. As a program, `node bare-http-proxy.ts PORT UPSTREAM PREFIX...`: @fastify/http-proxy as it comes,
// with its own reply-from and undici, and nothing around it.
import { fileURLToPath } from 'node:url'
import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import { type Candidate, prefixes } from '../candidate.ts'

export const bareHttpProxy: Candidate = {
  name: 'bare http-proxy',
  missing: () => undefined,
  command: place => ({
    file: process.execPath,
    args: [fileURLToPath(import.meta.url), String(place.port), `http://127.0.0.1:${place.upstreamPorts[0]}`, ...prefixes(place)]
  })
}

async function serve(port: number, upstream: string, routes: readonly string[]): Promise<void> {
  const app = Fastify({ logger: false })
  for (const prefix of routes) app.register(httpProxy, { upstream, prefix, rewritePrefix: prefix })
  await app.listen({ port, host: '127.0.0.1' })
}

// A program's arguments are there when the benchmark starts it.
if (import.meta.main) await serve(Number(process.argv[2]), process.argv[3] as string, process.argv.slice(4))
