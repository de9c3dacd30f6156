import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readConfig } from '../../config/read.ts'
import type { GatewayConfig } from '../../config/types.ts'
import { demoPage } from '../demo/page.ts'
import { type DemoServices, startDemoServices } from './demo-services.ts'
import type { Io } from './io.ts'
import { startGateway, urlOf } from './start.ts'

const usage = `Usage: evergate demo

Runs the gateway on its own config/gateway.yaml, with three small services behind it, and says what to try.

  -h, --help  prints this

Exit code: 0 stopped by a signal, 1 it cannot start, 2 wrong usage.
`

/** `evergate demo`. Undefined once it runs: a signal ends it. */
export async function demo(args: string[], io: Io): Promise<number | undefined> {
  try {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } })
    if (values.help) {
      io.stdout(usage)
      return 0
    }
  } catch (error) {
    // parseArgs throws nothing but errors that name the wrong argument.
    io.stderr(`evergate demo: ${(error as Error).message}\n${usage}`)
    return 2
  }
  const result = await readConfig(demoConfig(), io.env)
  if (!result.ok) throw new Error('the demo has a configuration of its own, which a test checks')
  const services = await startServices(result.config, io)
  if (services === undefined) return 1
  const running = await startGateway(result.config, io)
  if (running === undefined) {
    await services.stop()
    // What was opened before the failure would keep the process alive.
    process.exit(1)
  }
  const [address] = running.addresses
  const admin = running.adminAddress && urlOf(running.adminAddress)
  io.stdout(demoPage({ gateway: address === undefined ? '' : urlOf(address), admin, services: services.services }))
  return undefined
}

/** As it lies in a clone, or one folder further up when this runs from dist/. */
function demoConfig(): string {
  const found = ['../../config/gateway.yaml', '../../../config/gateway.yaml'].map(path =>
    fileURLToPath(new URL(path, import.meta.url))
  )
  return found.find(path => existsSync(path)) ?? 'config/gateway.yaml'
}

async function startServices({ upstreams }: GatewayConfig, io: Io): Promise<DemoServices | undefined> {
  const ports = upstreams.flatMap(({ targets }) => targets.map(({ url }) => Number(new URL(url).port)))
  try {
    return await startDemoServices({ ports, onLine: text => io.stdout(`${text}\n`) })
  } catch (error) {
    io.stderr(`evergate demo: ${error instanceof Error ? error.message : error}\n`)
    return undefined
  }
}
