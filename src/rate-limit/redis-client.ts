import { Cluster, Redis } from 'ioredis'
import { scripts } from './redis-scripts.ts'

type Words = (string | number)[]

/** What of ioredis is used, with the commands that our scripts make. */
export interface RedisClient {
  readonly status: string
  connect(): Promise<unknown>
  disconnect(reconnect?: boolean): void
  on(event: string, told: (error?: Error) => void): unknown
  zrem(key: string, member: string): Promise<unknown>
  evergateDecide(keys: number, ...words: Words): Promise<unknown>
  evergateRenew(keys: number, ...words: Words): Promise<unknown>
  evergateAnnounce(keys: number, ...words: Words): Promise<unknown>
}

const retryMs = (times: number) => Math.min(100 * times, 1000)

/**
 * A client that makes nobody wait: a command fails at once where there is no connection, and nothing is sent again on another one.
 * One URL is a server, several are nodes of a cluster.
 */
export function openClient(urls: readonly string[]): RedisClient {
  const common = { scripts, enableOfflineQueue: false, lazyConnect: true }
  const node = {
    connectTimeout: 1000,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    connectionName: 'evergate'
  }
  const [first = ''] = urls
  // The commands that `scripts` adds are not in its type.
  if (urls.length === 1) return new Redis(first, { ...common, ...node, retryStrategy: retryMs }) as unknown as RedisClient
  const { username, password, protocol } = new URL(first)
  const credentials = {
    ...(username === '' ? {} : { username: decodeURIComponent(username) }),
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === 'rediss:' ? { tls: {} } : {})
  }
  const cluster = new Cluster([...urls], {
    ...common,
    clusterRetryStrategy: retryMs,
    slotsRefreshTimeout: 1000,
    redisOptions: { ...node, ...credentials }
  })
  // As above.
  return cluster as unknown as RedisClient
}
