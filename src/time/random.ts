import { randomBytes } from 'node:crypto'

/** A uniform draw from [0, 1). */
export type Random = () => number

/** The process's source of chance for decisions (not for secrets). */
export const processRandom: Random = Math.random

/** A repeatable source for tests and simulations: mulberry32, by Tommy Ettinger (public domain). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}

/** Draws lower-case hexadecimal strings from the system's generator, which is asked once for many. */
export function hexSource(pooledBytes = 1024): (bytes: number) => string {
  let pool = ''
  let used = 0
  return bytes => {
    const from = used
    used += 2 * bytes
    if (used <= pool.length) return pool.slice(from, used)
    pool = randomBytes(pooledBytes).toString('hex')
    used = 2 * bytes
    return pool.slice(0, used)
  }
}
