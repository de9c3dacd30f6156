// `evergate`: from source in a clone, from dist/ when installed, as plugin.js.
import { existsSync } from 'node:fs'

const source = new URL('../src/index.ts', import.meta.url)
const built = new URL('../dist/src/index.js', import.meta.url)
export const { buildGateway, defineConfig, formatProblem, GatewayError, parseConfig, PluginError, readConfig } = await import(
  (existsSync(source) ? source : built).href
)
