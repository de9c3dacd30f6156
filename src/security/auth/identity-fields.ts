import type { Consumer } from '../../model/consumer.ts'
import { claimOf } from './claim.ts'

/**
 * The fields that tell an upstream of a consumer, as name, value, name, value. A claim that is not there, or cannot be written in
 * a field without being taken for something else, is left out: the upstream then knows nobody, never another.
 */
export function identityFields(consumer: Consumer, forward: readonly (readonly [claim: string, header: string])[]): string[] {
  const fields: string[] = []
  for (const [claim, header] of forward) {
    const value = fieldValue(claimOf(consumer, claim))
    if (value !== undefined) fields.push(header, value)
  }
  return fields
}

/** Lists are joined with commas, mappings are JSON, and everything is UTF-8. Undefined: it cannot be written. */
export function fieldValue(claim: unknown): string | undefined {
  if (claim === undefined || claim === null) return undefined
  if (!Array.isArray(claim)) return asField(textOf(claim))
  const items = claim.map(textOf)
  // An item with a comma of its own would be two.
  return items.some(item => item.includes(',')) ? undefined : asField(items.join(','))
}

const textOf = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

/** RFC 9110 section 5.5: no line ends and no controls, and no space at either end that a reader would drop. */
function asField(text: string): string | undefined {
  if (/[\x00-\x1f\x7f]/.test(text) || text !== text.trim() || !text.isWellFormed()) return undefined
  // Node and undici write a character as a byte.
  return /^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}
