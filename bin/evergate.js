#!/usr/bin/env node
// The launcher: read by any Node, however old, to say which one it needs.
import { existsSync } from 'node:fs'

const needed = 24
if (Number(process.versions.node.split('.')[0]) < needed) {
  console.error(`evergate needs Node.js ${needed} or newer, and this is ${process.version}.`)
  process.exit(1)
}
// From source in a clone; from dist/ when installed, since Node strips no types below node_modules.
const source = new URL('../src/cli/cli.ts', import.meta.url)
const { cli } = await import(existsSync(source) ? source.href : new URL('../dist/src/cli/cli.js', import.meta.url).href)
await cli(process.argv.slice(2))
