import type { ConfigInput } from './schema.ts'

export type { ConfigInput } from './schema.ts'

/** Gives a configuration in TypeScript its types: `export default defineConfig({ ... })`. Checks nothing at run time. */
export function defineConfig(input: ConfigInput): ConfigInput {
  return input
}
