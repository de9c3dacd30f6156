import { createHash } from 'node:crypto'

/**
 * The first twelve hexadecimal digits of the SHA-256 of a configuration, its keys in order of the alphabet.
 * Secrets count; places in the file do not, so that a comment changes nothing.
 */
export function createRevision(config: object): string {
  return createHash('sha256').update(JSON.stringify(config, canonical)).digest('hex').slice(0, 12)
}

function canonical(key: string, value: unknown): unknown {
  if (key === 'place') return undefined
  if (typeof value === 'function' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
