import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { GatewayConfig } from '../config/types.ts'

/** A user's plugin, imported. */
export interface LoadedPlugin {
  readonly name: string
  readonly plugin: FastifyPluginAsync<Record<string, unknown>>
  readonly options: Record<string, unknown>
  readonly routes: 'all' | 'named'
}

/** A plugin that cannot be had: `message` is for the operator. */
export class PluginError extends Error {}

/** Registers a user's plugin. Rejects with a PluginError that names it when it fails at that. */
export async function registerPlugin(scope: FastifyInstance, { name, plugin, options }: LoadedPlugin): Promise<void> {
  try {
    await scope.register(plugin, options)
  } catch (error) {
    throw new PluginError(`plugin ${name} failed at start: ${error instanceof Error ? error.message : error}`)
  }
}

/** Imports the plugins of a configuration, in its order. Rejects with a PluginError that names the one at fault. */
export async function loadPlugins(config: GatewayConfig): Promise<LoadedPlugin[]> {
  const loaded: LoadedPlugin[] = []
  for (const { use, name, options, routes } of config.plugins) {
    loaded.push({ name, plugin: await importPlugin(use, config.file), options: { ...options }, routes })
  }
  return loaded
}

async function importPlugin(use: string, configFile: string | undefined): Promise<LoadedPlugin['plugin']> {
  let exported: unknown
  try {
    const module: { default?: unknown } = await import(pathToFileURL(resolve(use, configFile)).href)
    exported = module.default
  } catch (error) {
    throw new PluginError(`plugin ${use} cannot be loaded: ${error instanceof Error ? error.message : error}`)
  }
  // A CommonJS module compiled from TypeScript has its default inside the default.
  if (typeof exported === 'object' && exported !== null && 'default' in exported) exported = exported.default
  if (typeof exported !== 'function')
    throw new PluginError(`plugin ${use} has no default export that is a function (a Fastify plugin)`)
  // Fastify checks what it can of a function when it registers it.
  return exported as LoadedPlugin['plugin']
}

/** A package is looked for from the configuration file, as its author would expect. */
function resolve(use: string, configFile: string | undefined): string {
  if (path.isAbsolute(use)) return use
  return createRequire(path.resolve(configFile ?? 'gateway.yaml')).resolve(use)
}
