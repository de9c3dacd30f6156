// `evergate/plugin`: from source in a clone, from dist/ when installed, as the launcher decides it, so that a plugin and the
// gateway have the same classes.
import { existsSync } from 'node:fs'

const source = new URL('../src/plugin.ts', import.meta.url)
const built = new URL('../dist/src/plugin.js', import.meta.url)
export const { clientCertificateOf, definePlugin, exchangeOf, GatewayError } = await import(
  (existsSync(source) ? source : built).href
)
