import type { TSchema } from 'typebox'
import type { Reading } from '../src/model/option-types.ts'

/** The parts of a schema that the configuration layer reads, whatever built it. */
export interface Node {
  readonly description?: string
  readonly default?: unknown
  readonly soon?: true | readonly string[]
  readonly off?: readonly unknown[]
  readonly reads?: Reading
  readonly above?: 0
  readonly noun?: string
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean'
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  /** Keys of which exactly one stands in the mapping. */
  readonly oneKeyOf?: readonly string[]
  readonly additionalProperties?: Node
  readonly keys?: Reading
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly enum?: readonly string[]
  readonly const?: string | number | boolean
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly minItems?: number
  readonly maxItems?: number
}

export function nodeOf(schema: TSchema): Node {
  // The type builder hides what it builds behind its own types; at run time it is the plain JSON Schema object that Node lists.
  return schema as Node
}

export type Kind = 'nothing' | 'text' | 'number' | 'boolean' | 'list' | 'mapping' | 'object'

/** What a value is, in the words of a configuration file. */
export function kindOf(value: unknown): Kind {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'list'
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
    case 'bigint':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'function':
    case 'symbol':
      return 'object'
    default:
      return isPlain(value) ? 'mapping' : 'object'
  }
}

/** Made by braces (in any realm), not by a class. */
function isPlain(value: unknown): boolean {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The keys and values of a mapping; none for anything else. */
export function entriesOf(value: unknown): [string, unknown][] {
  // kindOf has just seen that it is an object and no list.
  return kindOf(value) === 'mapping' ? Object.entries(value as object) : []
}

/** What stands under a key, if the value is a mapping that has it itself. */
export function valueAt(value: unknown, key: string): unknown {
  if (kindOf(value) !== 'mapping') return undefined
  // As above.
  const mapping = value as Record<string, unknown>
  return Object.hasOwn(mapping, key) ? mapping[key] : undefined
}
