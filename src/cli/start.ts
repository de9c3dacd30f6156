import { parseArgs } from 'node:util'
import type { GatewayConfig } from '../../config/types.ts'
import type { Address } from '../doors.ts'
import { PluginError } from '../load-plugins.ts'
import { type RunningGateway, run } from '../main.ts'
import type { Io } from './io.ts'
import { foundConfig, openConfig } from './open-config.ts'
import { version } from './version.ts'

const usage = `Usage: evergate start [-c FILE]

Runs the gateway. SIGTERM and SIGINT drain it.

  -c, --config FILE  the configuration (gateway.yaml, then config/gateway.yaml)
  -h, --help         prints this

Exit code: 0 stopped by a signal, 1 it cannot start, 2 wrong usage.
`

/** `evergate start`. Undefined once it runs: a signal ends it. */
export async function start(args: string[], io: Io): Promise<number | undefined> {
  try {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string', short: 'c' }, help: { type: 'boolean', short: 'h' } }
    })
    if (values.help) {
      io.stdout(usage)
      return 0
    }
    const config = await openConfig('start', values.config, io)
    if (typeof config === 'number') return config
    const running = await startGateway(config, io)
    if (running === undefined) return endNow(1)
    io.stderr(`evergate ${version} listens on ${addressLines(running)}; by ${values.config ?? foundConfig(io)}\n`)
    return undefined
  } catch (error) {
    // parseArgs throws nothing but errors that name the wrong argument.
    io.stderr(`evergate start: ${(error as Error).message}\n${usage}`)
    return 2
  }
}

/** Runs the gateway, or says in one line why it cannot. */
export async function startGateway(config: GatewayConfig, io: Io): Promise<RunningGateway | undefined> {
  try {
    return await run(config)
  } catch (error) {
    io.stderr(`evergate: ${reason(error)}\n`)
    return undefined
  }
}

/** What was opened before the failure would keep the process alive. */
function endNow(code: number): never {
  process.exit(code)
}

function reason(error: unknown): string {
  if (error instanceof PluginError) return error.message
  if (!(error instanceof Error)) return String(error)
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  const place = `${address ?? ''}:${port ?? ''}`
  if (code === 'EADDRINUSE') return `cannot listen on ${place}: another process does`
  if (code === 'EACCES') return `cannot listen on ${place}: not permitted (ports below 1024 need a privilege)`
  if (code === 'EADDRNOTAVAIL') return `cannot listen on ${place}: this machine has no such address`
  return `cannot start: ${error.message}`
}

/** `http://127.0.0.1:8080`, and where operators look. */
export function addressLines({ addresses, adminAddress }: RunningGateway): string {
  const own = addresses.map(urlOf).join(', ')
  return adminAddress === undefined ? own : `${own}; admin on ${urlOf(adminAddress)}`
}

/** An address to connect to: one that stands for all of them is this machine. */
export function urlOf({ host, port, secure }: Address): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${secure ? 'https' : 'http'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
