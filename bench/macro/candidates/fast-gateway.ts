// As a module: a candidate. As a program, `node fast-gateway.ts PORT UPSTREAM PREFIX...`: fast-gateway as its README starts it.
import { fileURLToPath } from 'node:url'
import gateway from 'fast-gateway'
import { type Candidate, prefixes } from '../candidate.ts'

export const fastGateway: Candidate = {
  name: 'fast-gateway',
  missing: () => undefined,
  command: place => ({
    file: process.execPath,
    args: [fileURLToPath(import.meta.url), String(place.port), `http://127.0.0.1:${place.upstreamPorts[0]}`, ...prefixes(place)]
  })
}

async function serve(port: number, target: string, routes: readonly string[]): Promise<void> {
  const server = gateway({ routes: routes.map(prefix => ({ prefix, prefixRewrite: prefix, target })) })
  await server.start(port, '127.0.0.1')
}

// A program's arguments are there when the benchmark starts it.
if (import.meta.main) await serve(Number(process.argv[2]), process.argv[3] as string, process.argv.slice(4))
