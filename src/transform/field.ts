import type { Value } from '../model/facts.ts'
import { templateParts } from '../model/template.ts'

/** RFC 9110 section 5.5, a byte a character: with anything else, a line end above all, one field could become two. */
const writable = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * The value of a header from its template. One that lacks something, or cannot be written, is none: half a value would be
 * taken for another.
 */
export function fieldValue(template: string): Value {
  const parts = templateParts(template)
  if (parts.every(part => typeof part === 'string')) return parts.join('')
  return facts => {
    let value = ''
    for (const part of parts) {
      const text = typeof part === 'string' ? part : part.read(facts)
      if (text === undefined) return undefined
      value += text
    }
    return writable.test(value) ? value : undefined
  }
}
