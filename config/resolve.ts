import { basename, isAbsolute, resolve } from 'node:path'
import type { Static } from 'typebox'
import type { CredentialSettings } from '../src/credentials/options.ts'
import { defaultBuckets, type MetricsOptions } from '../src/observe/options.ts'
import { http2ByDefault } from '../src/transport/options.ts'
import { type FilledListener, resolveListener } from './resolve-listen.ts'
import { type FilledSecurity, resolveSecurity } from './resolve-security.ts'
import { createRevision } from './revision.ts'
import { readAddress } from './scalars/network.ts'
import type { AddressConfig, AdminConfig, GatewayConfig, ListenConfig, PluginConfig, Resolved, UpstreamConfig } from './types.ts'
import type { RouteConfig } from './types-route.ts'

type WrittenAddress = string | { readonly address?: string; readonly token?: string }
type WrittenListener = string | (FilledListener & { readonly address?: string })

/** The top of a configuration after its values were read and filled. */
export interface FilledTop {
  readonly listen?: WrittenListener | readonly (WrittenListener | undefined)[]
  readonly admin?: WrittenAddress | false
  readonly zone?: string
  readonly trustProxy: GatewayConfig['trustProxy']
  readonly store?: 'memory' | { readonly redis?: string | readonly string[]; readonly timeout?: number }
  readonly timeouts: GatewayConfig['timeouts']
  readonly connections: GatewayConfig['connections']
  readonly drain: GatewayConfig['drain']
  readonly logging: GatewayConfig['logging']
  readonly metrics: Resolved<Static<typeof MetricsOptions>>
  readonly security: FilledSecurity
  readonly plugins: readonly (Partial<PluginConfig> | undefined)[]
}

/** Puts the parts together and names the result by its revision. */
export function resolveGateway(
  top: FilledTop,
  upstreams: readonly UpstreamConfig[],
  routes: readonly RouteConfig[],
  plugins: readonly PluginConfig[],
  credentials: CredentialSettings,
  file: string | undefined,
  directory: string
): GatewayConfig {
  const config = {
    listen: resolveListen(top.listen, directory),
    admin: resolveAdmin(top.admin),
    ...(top.zone === undefined ? {} : { zone: top.zone }),
    trustProxy: top.trustProxy,
    store: resolveStore(top.store),
    timeouts: top.timeouts,
    connections: top.connections,
    drain: top.drain,
    upstreams,
    routes,
    security: resolveSecurity(top.security, credentials),
    logging: loggingOf(top.logging, credentials),
    metrics: { buckets: top.metrics.buckets === 'default' ? defaultBuckets : top.metrics.buckets },
    plugins
  }
  return { ...(file === undefined ? {} : { file }), revision: createRevision(config), ...config }
}

/** A key that may come in a query is masked there, whatever the parameter is called. */
function loggingOf(logging: GatewayConfig['logging'], { apiKeys }: CredentialSettings): GatewayConfig['logging'] {
  return apiKeys?.query === undefined ? logging : { ...logging, redact: [...logging.redact, apiKeys.query] }
}

/** Where clients connect to; addresses that were refused are left out. */
export function resolveListen(listen: FilledTop['listen'], directory: string): ListenConfig[] {
  return listenersOf(listen).flatMap(entry => {
    const address = addressOf(entry)
    if (address === undefined) return []
    return typeof entry === 'object'
      ? { ...address, ...resolveListener(entry, directory) }
      : { ...address, http2: http2ByDefault }
  })
}

/** At the same index as they are written. */
export function listenersOf(listen: FilledTop['listen']): readonly (WrittenListener | undefined)[] {
  return listen === undefined ? [] : isList(listen) ? listen : [listen]
}

/** False where it is turned off, or was refused. */
export function resolveAdmin(admin: FilledTop['admin']): AdminConfig | false {
  if (admin === undefined || admin === false) return false
  const address = addressOf(admin)
  if (address === undefined) return false
  return typeof admin === 'object' && admin.token !== undefined ? { ...address, token: admin.token } : address
}

function resolveStore(store: FilledTop['store']): GatewayConfig['store'] {
  if (typeof store !== 'object' || store.redis === undefined || store.timeout === undefined) return 'memory'
  return { redis: typeof store.redis === 'string' ? [store.redis] : store.redis, timeout: store.timeout }
}

function isList(listen: NonNullable<FilledTop['listen']>): listen is readonly (WrittenListener | undefined)[] {
  return Array.isArray(listen)
}

export function addressOf(entry: WrittenAddress | WrittenListener | undefined): AddressConfig | undefined {
  return readAddress(typeof entry === 'object' ? entry.address : entry)
}

/** At the same index as they are written; undefined where a plugin was refused. */
export function resolvePlugins(plugins: FilledTop['plugins'], directory: string): (PluginConfig | undefined)[] {
  return plugins.map(plugin => {
    if (plugin?.use === undefined) return undefined
    const isPath = plugin.use.startsWith('.') || isAbsolute(plugin.use)
    return {
      use: isPath ? resolve(directory, plugin.use) : plugin.use,
      name: plugin.name ?? (isPath ? basename(plugin.use).replace(/\.[cm]?[jt]s$/, '') : plugin.use),
      options: plugin.options ?? {},
      routes: plugin.routes ?? 'all'
    }
  })
}
