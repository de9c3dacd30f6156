// As a module: a candidate. As a program, `node http-proxy.ts PORT UPSTREAM...`: @fastify/http-proxy with its upstreams in turn,
// which is what a gateway starts from.
import { fileURLToPath } from 'node:url'
import httpProxy from '@fastify/http-proxy'
import Fastify from 'fastify'
import type { Candidate } from '../candidate.ts'

export const bareHttpProxy: Candidate = {
  name: 'http-proxy',
  missing: () => undefined,
  command: ({ port, upstreamPorts }) => ({
    file: process.execPath,
    args: [fileURLToPath(import.meta.url), ...[port, ...upstreamPorts].map(String)]
  }),
  endsOn: 'SIGKILL',
  judged: false
}

async function serve(port: number, upstreams: readonly string[]): Promise<void> {
  const app = Fastify({ logger: false })
  let turn = 0
  const getUpstream = (): string => upstreams[turn++ % upstreams.length] ?? ''
  app.register(httpProxy, { upstream: '', prefix: '/', replyOptions: { getUpstream } })
  await app.listen({ port, host: '127.0.0.1' })
}

if (import.meta.main) {
  const [port, ...upstreamPorts] = process.argv.slice(2)
  await serve(
    Number(port),
    upstreamPorts.map(each => `http://127.0.0.1:${each}`)
  )
}
