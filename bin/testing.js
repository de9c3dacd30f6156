// `evergate/testing`: from source in a clone, from dist/ when installed, as plugin.js.
import { existsSync } from 'node:fs'

const source = new URL('../src/testing.ts', import.meta.url)
const built = new URL('../dist/src/testing.js', import.meta.url)
export const { build, fakeClock, seededRandom, upstream } = await import((existsSync(source) ? source : built).href)
