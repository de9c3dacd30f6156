import type { Facts } from '../model/facts.ts'
import type { Placeholder } from '../model/template.ts'

/** The characters of a value; undefined where there is none, or it is no text. */
export function textOf({ writing, read }: Placeholder, facts: Facts): string | undefined {
  const value = read(facts)
  if (value === undefined) return undefined
  if (writing === 'text') return value.isWellFormed() ? value : undefined
  try {
    return writing === 'bytes' ? utf8.decode(Buffer.from(value, 'latin1')) : decodeURIComponent(value)
  } catch {
    return undefined
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
