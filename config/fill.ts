import { branchFor } from './accepts.ts'
import { entriesOf, kindOf, type Node, valueAt } from './node.ts'

/** Lays one value over another, key by key; lists and everything that is no mapping are replaced. */
export function merge(below: unknown, above: unknown): unknown {
  if (above === undefined) return below
  if (kindOf(below) !== 'mapping' || kindOf(above) !== 'mapping') return above
  const merged = new Map(entriesOf(below))
  for (const [key, value] of entriesOf(above)) merged.set(key, merge(merged.get(key), value))
  return Object.fromEntries(merged)
}

/** Completes read values by the defaults of a schema, with `convert` reading a default as if it had been written. */
export function createFiller(convert: (node: Node, written: unknown) => unknown): (node: Node, value: unknown) => unknown {
  const defaults = new Map<Node, unknown>()

  function defaultOf(node: Node): unknown {
    if (node.default === undefined || node.soon === true) return undefined
    if (!defaults.has(node)) defaults.set(node, fill(node, convert(node, node.default)))
    return defaults.get(node)
  }

  function fill(node: Node, value: unknown): unknown {
    if (value === undefined) return defaultOf(node)
    // Where a mapping may stand, true is the mapping of all defaults.
    if (node.anyOf && value === true) {
      const mapping = node.anyOf.find(({ properties }) => properties !== undefined)
      if (mapping !== undefined) return fill(mapping, {})
    }
    if (node.anyOf) return fill(branchFor(node, value) ?? {}, value)
    if (node.type === 'array' && node.items !== undefined && Array.isArray(value)) return fillItems(node.items, value)
    if (node.type !== 'object' || !node.properties || kindOf(value) !== 'mapping') return value
    const filled: [string, unknown][] = []
    for (const [key, property] of Object.entries(node.properties)) {
      const item = fill(property, valueAt(value, key))
      if (item !== undefined) filled.push([key, item])
    }
    return Object.fromEntries(filled)
  }

  /** An item that was refused stays absent, at its index. */
  function fillItems(items: Node, list: readonly unknown[]): unknown[] {
    return list.map(item => (item === undefined ? undefined : fill(items, item)))
  }

  return fill
}
