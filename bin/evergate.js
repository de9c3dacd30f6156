#!/usr/bin/env node
// The launcher: read by any Node, however old, to say which one it needs.
import { existsSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'

const needed = 24
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(`evergate needs Node.js ${needed} or newer, and this is ${process.version}.`)
  process.exit(1)
}
// A burst of long-lived connections can make V8 take the arrays of listeners for long-lived everywhere. Each then keeps its
// request until the old generation is collected: ten times the time in garbage collection (docs/benchmarks.md).
setFlagsFromString('--no-allocation-site-pretenuring')
// From source in a clone; from dist/ when installed, since Node strips no types below node_modules.
const source = new URL('../src/cli/cli.ts', import.meta.url)
const { cli } = await import(existsSync(source) ? source.href : new URL('../dist/src/cli/cli.js', import.meta.url).href)
await cli(process.argv.slice(2))
