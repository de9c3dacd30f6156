import { branchFor, describe, isOff, takes } from './accepts.ts'
import { kinds } from './kinds.ts'
import { nearest, suggestion } from './nearest.ts'
import { entriesOf, kindOf, type Node } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { retyped, substitute } from './scalars/environment.ts'
import type { FileText } from './scalars/files.ts'
import { shown } from './text-kind.ts'

/** What reading a configuration needs besides the schema. */
export interface Context {
  readonly report: Report
  readonly env: Readonly<Record<string, string | undefined>>
  file(path: string): FileText
}

/** Free values (a plugin's options) may nest this deep; a configuration in TypeScript could contain itself. */
const DEEPEST = 64

/**
 * Reads a written value by its schema: units are converted, names are brought into one form, nothing is filled in.
 * What is wrong is reported at its place and left out (undefined), so that everything else is still checked.
 */
export function readShape(node: Node, written: unknown, path: Path, context: Context): unknown {
  const value = typeof written === 'string' && written.includes('${') ? fromEnvironment(node, written, path, context) : written
  if (value === undefined) return undefined
  if (node.soon === true) return refuseUnlessOff(node, value, path, context)
  if (node.anyOf) return readUnion(node, value, path, context)
  if (node.reads !== undefined) return readText(node, node.reads, value, path, context)
  if (!takes(node, value)) return refuse(node, value, path, context)
  if (node.enum) return readName(node, node.enum, String(value), path, context)
  switch (node.type) {
    case 'object':
      return readMapping(node, value, path, context)
    case 'array':
      return readList(node, value, path, context)
    case 'number':
    case 'integer':
      return readNumber(node, Number(value), path, context)
    case undefined:
      return readAnything(value, path, context)
    default:
      return value
  }
}

function fromEnvironment(node: Node, written: string, path: Path, context: Context): unknown {
  const result = substitute(written, context.env)
  if ('wrong' in result) {
    context.report.add(path, result.wrong)
    return undefined
  }
  if (!result.whole) return result.text
  const value = retyped(result.text)
  return takes(node, value) || !takes(node, result.text) ? value : result.text
}

function refuseUnlessOff(node: Node, value: unknown, path: Path, context: Context): undefined {
  if (!isOff(node, value)) context.report.add(path, 'not available yet')
}

function refuse(node: Node, value: unknown, path: Path, context: Context, hidden = false): undefined {
  context.report.add(path, `${hidden ? `a ${kindOf(value)}` : shown(value)} is not accepted here; accepted: ${describe(node)}`)
}

function readUnion(node: Node, value: unknown, path: Path, context: Context): unknown {
  const branch = branchFor(node, value)
  return branch ? readShape(branch, value, path, context) : refuse(node, value, path, context)
}

function readText(node: Node, reads: keyof typeof kinds, value: unknown, path: Path, context: Context): unknown {
  const kind = kinds[reads]
  if (!kind.kinds.includes(kindOf(value))) return refuse(node, value, path, context, kind.hidden)
  const read = kind.read(kindOf(value) === 'mapping' ? readAnything(value, path, context) : value, node, context.file)
  if (read !== undefined && 'value' in read) return read.value
  const what = kind.hidden ? 'the value' : shown(value)
  context.report.add(path, read?.wrong ?? `${what} is no ${kind.noun}; accepted: ${kind.accepted}`)
  return undefined
}

function readName(node: Node, names: readonly string[], value: string, path: Path, context: Context): unknown {
  const soon = Array.isArray(node.soon) ? node.soon : []
  const available = names.filter(name => !soon.includes(name))
  if (available.includes(value)) return value
  if (names.includes(value)) context.report.add(path, `${value} is not available yet; accepted: ${available.join(', ')}`)
  else context.report.add(path, `${shown(value)} is unknown${suggestion(value, available)}`)
  return undefined
}

function readNumber(node: Node, value: number, path: Path, context: Context): number | undefined {
  const whole = node.type !== 'integer' || Number.isSafeInteger(value)
  const least = node.minimum === undefined || value >= node.minimum
  const above = node.exclusiveMinimum === undefined || value > node.exclusiveMinimum
  const most = node.maximum === undefined || value <= node.maximum
  if (Number.isFinite(value) && whole && least && above && most) return value
  context.report.add(path, `${value} is not accepted here; accepted: ${describe(node)}`)
  return undefined
}

function readList(node: Node, value: unknown, path: Path, context: Context): unknown {
  // takes() has seen that it is a list.
  const list = value as unknown[]
  const few = node.minItems !== undefined && list.length < node.minItems
  const many = node.maxItems !== undefined && list.length > node.maxItems
  if (few || many) {
    const count = list.length === 0 ? 'an empty list' : `a list of ${list.length}`
    context.report.add(path, `${count} is not accepted here; accepted: ${describe(node)}`)
    return undefined
  }
  return list.map((item, index) => readShape(node.items ?? {}, item, [...path, index], context))
}

function readMapping(node: Node, value: unknown, path: Path, context: Context): unknown {
  return node.properties ? readKeys(node, node.properties, value, path, context) : readNames(node, value, path, context)
}

function readKeys(node: Node, properties: Readonly<Record<string, Node>>, value: unknown, path: Path, context: Context): unknown {
  const read: [string, unknown][] = []
  for (const [key, item] of entriesOf(value)) {
    const property = Object.hasOwn(properties, key) ? properties[key] : undefined
    if (!property) {
      context.report.add([...path, key], unknownKey(key, properties), 'key')
      continue
    }
    // A key that is written as undefined in TypeScript is a key that is left out.
    const result = item === undefined ? undefined : readShape(property, item, [...path, key], context)
    if (result !== undefined) read.push([key, result])
  }
  for (const key of node.required ?? []) {
    const written = entriesOf(value).some(([name, item]) => name === key && item !== undefined)
    if (!written) context.report.add([...path, key], `is missing; accepted: ${describe(properties[key] ?? {})}`)
  }
  return Object.fromEntries(read)
}

/** A key that is not available yet may be the one that was meant, but is not recommended. */
function unknownKey(key: string, properties: Readonly<Record<string, Node>>): string {
  const names = Object.keys(properties).filter(name => name !== '$schema')
  const accepted = names.filter(name => properties[name]?.soon !== true)
  const near = nearest(key, names)
  return `unknown key;${near === undefined ? '' : ` did you mean ${near}?`} accepted: ${accepted.join(', ')}`
}

function readNames(node: Node, value: unknown, path: Path, context: Context): unknown {
  const read = new Map<string, unknown>()
  for (const [key, item] of entriesOf(value)) {
    const at = [...path, key]
    const name = node.keys === undefined ? key : readText({}, node.keys, key, at, context)
    const result = readShape(node.additionalProperties ?? {}, item, at, context)
    if (typeof name !== 'string') continue
    if (read.has(name)) context.report.add(at, `is there twice: ${name} is written in the same letters above`, 'key')
    read.set(name, result)
  }
  return Object.fromEntries(read)
}

function readAnything(value: unknown, path: Path, context: Context): unknown {
  const kind = kindOf(value)
  if (path.length > DEEPEST) {
    context.report.add(path.slice(0, 4), `is nested deeper than ${DEEPEST} levels`)
    return undefined
  }
  if (kind === 'list') return readList({ items: {} }, value, path, context)
  if (kind === 'mapping') return readNames({ additionalProperties: {} }, value, path, context)
  // An object of a class or a function is a plugin's own affair.
  return value
}
