import closeWithGrace from 'close-with-grace'
import type { GatewayConfig } from '../config/types.ts'
import { buildGateway, type Gateway } from './app.ts'
import type { Address } from './doors.ts'
import { openLog } from './logger.ts'
import { Swap } from './swap.ts'
import { hexSource } from './time/random.ts'

export interface RunningGateway {
  readonly addresses: readonly Address[]
  readonly adminAddress: Address | undefined
  /** Ends as SIGTERM would. */
  stop(): void
}

/** Runs a gateway in this process until a signal ends it. Rejects when an address is not to be had or a plugin fails. */
export async function run(config: GatewayConfig): Promise<RunningGateway> {
  const { logger, written, flush } = openLog(config.logging.level)
  const state = { ready: false }
  const gateway = await buildGateway(config, { logger, isReady: () => state.ready })
  const hex = hexSource()
  const timeouts = { headersMs: config.timeouts.headers, keepAliveMs: config.timeouts.keepAlive }
  const front = new Swap(gateway.app.routing, timeouts, hex, gateway.refused, gateway.doors)
  const back = new Swap(gateway.admin.routing, timeouts, hex)

  const addresses = await front.listen(config.listen)
  const [adminAddress] = await back.listen(config.admin === false ? [] : [config.admin])
  gateway.start()
  state.ready = true
  surviveErrors(logger)

  const drain = async () => {
    state.ready = false
    logger.info({ notReadyMs: config.drain.notReady, finishMs: config.drain.finish }, 'draining')
    await shutDown(config, gateway, front, back)
    logger.info('stopped')
    await written()
  }
  const { notReady, finish } = config.drain
  // SIGHUP is for reloading; an error of a plugin or an upstream is no reason to stop serving the others.
  const skip: closeWithGrace.AllEvents[] = ['SIGHUP', 'uncaughtException', 'unhandledRejection', 'beforeExit']
  const grace = closeWithGrace({ delay: notReady + finish + 5000, logger: false, skip }, drain)
  process.on('SIGHUP', () => logger.warn('SIGHUP: reloading is not available yet'))
  process.on('exit', flush)
  return { addresses, adminAddress, stop: () => grace.close() }
}

/** Not ready, keep serving for a while, take no more, finish, and after the deadline force. */
async function shutDown({ drain }: GatewayConfig, gateway: Gateway, front: Swap, back: Swap): Promise<void> {
  front.drain()
  await new Promise(resolve => setTimeout(resolve, drain.notReady))
  // Some of the time is for clients to say goodbye.
  gateway.drain(drain.finish * 0.75)
  await front.close(drain.finish)
  await back.close(0)
  await gateway.close()
}

/** What no request could be blamed for is logged, and the process goes on. */
function surviveErrors(logger: { error(bindings: object, message: string): void }): void {
  process.on('uncaughtException', err => logger.error({ err }, 'uncaught exception'))
  process.on('unhandledRejection', err => logger.error({ err }, 'unhandled rejection'))
}
