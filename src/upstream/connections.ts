import { type Dispatcher, Pool } from 'undici'

/** How to reach an origin. PEM texts. */
export interface ConnectionOptions {
  /** Milliseconds until a connection counts as not made. */
  readonly connectMs: number
  readonly verify: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

/** All connections to targets: one pool for each origin and way to reach it, shared by the groups that name the same. */
export class Connections {
  readonly #pools = new Map<string, Pool>()

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

function open(origin: string, { connectMs, verify, ca, cert, key, servername }: ConnectionOptions): Pool {
  const tls = {
    rejectUnauthorized: verify,
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername })
  }
  return new Pool(origin, {
    connect: { timeout: connectMs, ...tls },
    // HTTP/2 is a choice of the configuration, not of ALPN.
    allowH2: false,
    pipelining: 1,
    // Attempts keep their own time.
    headersTimeout: 0,
    bodyTimeout: 0
  })
}
