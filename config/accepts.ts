import { kinds } from './kinds.ts'
import { entriesOf, kindOf, type Node, valueAt } from './node.ts'
import { readDuration } from './scalars/units.ts'

/** Whether a node is for values of this kind at all; the value itself may still be wrong. */
export function takes(node: Node, value: unknown): boolean {
  if (node.anyOf) return node.anyOf.some(branch => takes(branch, value))
  const kind = kindOf(value)
  if (node.reads !== undefined) return kinds[node.reads].kinds.includes(kind)
  if (node.const !== undefined) return value === node.const
  if (node.enum) return kind === 'text'
  switch (node.type) {
    case 'object':
      return kind === 'mapping'
    case 'array':
      return kind === 'list'
    case 'string':
      return kind === 'text'
    case 'number':
    case 'integer':
      return typeof value === 'number'
    case 'boolean':
      return kind === 'boolean'
    default:
      return true
  }
}

/** The branch of a union that a value was meant for, by its kind and, among mappings, by the keys that a branch requires. */
export function branchFor(node: Node, value: unknown): Node | undefined {
  return node.anyOf?.find(branch => takes(branch, value) && hasRequired(branch, value, node.anyOf ?? []))
}

function hasRequired(branch: Node, value: unknown, branches: readonly Node[]): boolean {
  const rivals = branches.filter(other => other.type === 'object').length
  if (branch.type === 'object' && rivals > 1 && branch.additionalProperties?.properties) return isNames(branch, value, branches)
  if (branch.type !== 'object' || !branch.properties || rivals < 2) return true
  const properties = branch.properties
  return (branch.required ?? []).every(key => takes(properties[key] ?? {}, valueAt(value, key)))
}

/** Whether names with a mapping each are meant, and not the one mapping that may stand in their place. */
function isNames(branch: Node, value: unknown, branches: readonly Node[]): boolean {
  const ownKeys = new Set(branches.flatMap(other => (other === branch ? [] : Object.keys(other.properties ?? {}))))
  return entriesOf(value).every(([key, each]) => !ownKeys.has(key) && kindOf(each) === 'mapping')
}

/** Whether a value of a feature that does not exist yet asks for what happens anyway. */
export function isOff(node: Node, value: unknown): boolean {
  if (value === null || value === false || value === 0) return true
  if (node.off?.some(off => off === value)) return true
  if (Array.isArray(value)) return value.length === 0
  if (kindOf(value) === 'mapping') return Object.keys(Object(value)).length === 0
  return readDuration(value) === 0
}

/** What a node accepts, in a few words; ends a message, and stands in the documentation. */
export function describe(node: Node): string {
  if (node.anyOf) return [...new Set(node.anyOf.map(describe))].join(', or ')
  if (node.reads !== undefined) return kinds[node.reads].accepted
  if (node.const !== undefined) return String(node.const)
  if (node.enum) return available(node).join(', ')
  switch (node.type) {
    case 'object':
      return node.properties
        ? `a mapping with ${listed(Object.keys(node.properties))}`
        : `a mapping of names to ${describe(node.additionalProperties ?? {})}`
    case 'array':
      return describeList(node)
    case 'number':
    case 'integer':
      return describeNumber(node)
    case 'boolean':
      return 'true or false'
    case 'string':
      return 'a text'
    default:
      return 'anything'
  }
}

/** The names of a choice that can be used today. */
export function available(node: Node): readonly string[] {
  const soon = Array.isArray(node.soon) ? node.soon : []
  return (node.enum ?? []).filter(name => !soon.includes(name))
}

function describeList(node: Node): string {
  const { minItems, maxItems } = node
  const items = node.items ? describe(node.items) : 'anything'
  if (minItems !== undefined && minItems === maxItems) return `a list of ${minItems}, each ${items}`
  if (minItems !== undefined) return `a list of at least ${minItems}, each ${items}`
  return `a list, each ${items}`
}

function describeNumber(node: Node): string {
  const number = node.noun === undefined ? (node.type === 'integer' ? 'a whole number' : 'a number') : `a ${node.noun}`
  if (node.minimum !== undefined && node.maximum !== undefined) return `${number} from ${node.minimum} to ${node.maximum}`
  if (node.minimum !== undefined) return `${number} of at least ${node.minimum}`
  if (node.exclusiveMinimum !== undefined) return `${number} above ${node.exclusiveMinimum}`
  return number
}

function listed(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and more` : names.join(', ')
}
