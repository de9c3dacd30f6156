import { buildConnector, type Dispatcher, Pool } from 'undici'
import { remade, type TlsTexts } from '../model/pem.ts'
import { originOf, socketPathOf } from '../model/unix-socket.ts'
import type { UpstreamProtocol } from '../model/upstream-protocol.ts'
import { Http2Dispatcher } from './http2/dispatcher.ts'

/** How to reach an origin. */
export interface ConnectionOptions {
  /** Milliseconds until a connection counts as not made. */
  readonly connectMs: number
  /** New connections are made with the texts as they are then. */
  readonly tls: TlsTexts
  /** `http1` when absent. HTTP/2 is asked for over TLS, and spoken without asking where the origin is http. */
  readonly protocol?: UpstreamProtocol
}

/** All connections to targets: one pool for each origin (or socket) and way to reach it, shared by the groups that name the same. */
export class Connections {
  readonly #pools = new Map<string, Dispatcher>()

  to(origin: string, options: ConnectionOptions): Dispatcher {
    const key = JSON.stringify([origin, options])
    let pool = this.#pools.get(key)
    if (pool === undefined) {
      pool = open(origin, options)
      this.#pools.set(key, pool)
    }
    return pool
  }

  /** Ends all of them, whatever is under way. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()]
    this.#pools.clear()
    await Promise.all(pools.map(pool => pool.destroy()))
  }
}

function open(url: string, { connectMs, tls, protocol = 'http1' }: ConnectionOptions): Dispatcher {
  if (protocol !== 'http1') return new Http2Dispatcher(url, { connectMs, tls })
  const socketPath = socketPathOf(url)
  // A connector keeps the TLS sessions of its own texts alone.
  const connector = remade(tls, ({ verify, ca, cert, key, servername }) =>
    buildConnector({
      timeout: connectMs,
      ...(socketPath === undefined ? {} : { socketPath }),
      // HTTP/2 is a choice of the configuration, not of ALPN.
      allowH2: false,
      rejectUnauthorized: verify,
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(servername && { servername })
    })
  )
  return new Pool(originOf(url), {
    connect: (options, callback) => connector()(options, callback),
    pipelining: 1,
    // Attempts keep their own time.
    headersTimeout: 0,
    bodyTimeout: 0
  })
}
