import type { Facts, Value } from '../model/facts.ts'
import { templateParts } from '../model/template.ts'
import { textOf } from './url.ts'

/** Names and values as they are meant, not as they are escaped. */
export interface QueryRules {
  readonly set: Readonly<Record<string, string>>
  readonly add: Readonly<Record<string, string>>
  readonly remove: readonly string[]
}

/** Changes a query, which comes and goes with its question mark, or is empty. */
export type QueryEdit = (search: string, facts: Facts) => string

/**
 * Takes parameters out and puts others behind the rest, which stays byte for byte. A value that a request has nothing for is not
 * put in. Undefined: nothing is to be done.
 */
export function queryEdit({ set, add, remove }: QueryRules): QueryEdit | undefined {
  const drop = new Set([...remove, ...Object.keys(set)])
  const append = [...Object.entries(set), ...Object.entries(add)].map(
    ([name, template]) => [encodeURIComponent(name), parameterValue(template)] as const
  )
  if (drop.size === 0 && append.length === 0) return undefined
  return (search, facts) => {
    const kept = drop.size === 0 ? search.slice(1) : without(search.slice(1), drop)
    const pairs = kept === '' ? [] : [kept]
    for (const [name, value] of append) {
      const text = typeof value === 'string' ? value : value(facts)
      if (text !== undefined) pairs.push(`${name}=${text}`)
    }
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`
  }
}

const without = (query: string, names: ReadonlySet<string>) =>
  query
    .split('&')
    .filter(pair => pair === '' || !names.has(nameOf(pair)))
    .join('&')

/** Services read a plus as a space, and an escape that is none as it is written (the URL standard). */
function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  const name = equals < 0 ? pair : pair.slice(0, equals)
  if (!/[%+]/.test(name)) return name
  const [first] = new URLSearchParams(`${name}=`).keys()
  return first ?? name
}

/** Escaped: whatever a value holds, it ends neither the parameter nor the query. */
function parameterValue(template: string): Value {
  const parts = templateParts(template)
  if (parts.every(part => typeof part === 'string')) return encodeURIComponent(parts.join(''))
  return facts => {
    let value = ''
    for (const part of parts) {
      const text = typeof part === 'string' ? part : textOf(part, facts)
      if (text === undefined) return undefined
      value += encodeURIComponent(text)
    }
    return value
  }
}
