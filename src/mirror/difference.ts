import { type FieldPath, type IgnoredFields, pathText } from './ignored-fields.ts'

/** More than these are not listed. */
export const mostListed = 20

interface Pair {
  readonly one: unknown
  readonly other: unknown
  readonly path: FieldPath | undefined
}

/** The paths at which two values from JSON differ, in the order of the first, nearer ones before deeper ones. */
export function differentPaths(one: unknown, other: unknown, ignored: IgnoredFields): string[] {
  const found: string[] = []
  // A list in place of a recursion: an answer may be nested as deeply as it likes.
  const pairs: Pair[] = [{ one, other, path: undefined }]
  for (let at = 0; at < pairs.length && found.length < mostListed; at++) {
    // Within the list.
    const pair = pairs[at]!
    if (isStructure(pair.one) && isStructure(pair.other) && Array.isArray(pair.one) === Array.isArray(pair.other))
      addFields(pair.one, pair.other, pair.path, ignored, pairs)
    else if (pair.one !== pair.other) found.push(pathText(pair.path))
  }
  return found
}

type Structure = Readonly<Record<string, unknown>> | readonly unknown[]

const isStructure = (value: unknown): value is Structure => typeof value === 'object' && value !== null

/** JSON has no undefined: it stands for a field that is not there. */
function addFields(one: Structure, other: Structure, parent: FieldPath | undefined, ignored: IgnoredFields, pairs: Pair[]): void {
  const isList = Array.isArray(one)
  const depth = (parent?.depth ?? 0) + 1
  const names = new Set([...Object.keys(one), ...Object.keys(other)])
  for (const name of names) {
    const path = { step: isList ? Number(name) : name, parent, depth }
    if (!ignored.has(path)) pairs.push({ one: fieldOf(one, name), other: fieldOf(other, name), path })
  }
}

const fieldOf = (structure: Structure, name: string): unknown =>
  Object.hasOwn(structure, name) ? (structure as Readonly<Record<string, unknown>>)[name] : undefined
