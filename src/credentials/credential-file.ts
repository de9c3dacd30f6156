import { type Document, isMap, isNode, LineCounter, parseDocument, visit } from 'yaml'
import type { OwnLimit } from '../model/consumer.ts'
import { isKeyId, readDigest } from './api-key.ts'
import { acceptedLimit, readLimit } from './own-limit.ts'
import { type PasswordHash, readPasswordHash } from './password.ts'

/** What is stored of each credential beside its hash. */
export interface Grant {
  readonly name: string
  /** Milliseconds since 1970; undefined where the file does not say. */
  readonly createdAt: number | undefined
  /** Milliseconds since 1970; Infinity where it does not end. */
  readonly expiresAt: number
  readonly revoked: boolean
  readonly scopes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** Absent: what the limits of a route say. */
  readonly limit?: OwnLimit
}

export interface StoredKey extends Grant {
  readonly digest: Buffer
}

export interface StoredUser extends Grant {
  readonly password: PasswordHash
}

/** A file of credentials: keys by their IDs, users by their names. One file may hold both. */
export interface CredentialFile {
  readonly keys: ReadonlyMap<string, StoredKey>
  readonly users: ReadonlyMap<string, StoredUser>
}

/** Lines and columns count from 1. No message shows a hash. */
export interface FileProblem {
  readonly line: number
  readonly column: number
  readonly message: string
}

export type CredentialFileRead =
  | { readonly ok: true; readonly file: CredentialFile; readonly document: Document }
  | { readonly ok: false; readonly problems: readonly FileProblem[] }

export const problemText = (file: string, { line, column, message }: FileProblem): string =>
  `${file}:${line}:${column}  ${message}`

/** A name that is shown, logged and put into headers has no control characters and is not endless. */
export const isCredentialName = (text: string): boolean => /^[^\x00-\x1f\x7f]{1,128}$/.test(text) && text.trim() === text

/** Scopes stand in lists with spaces between them (RFC 6749 section 3.3). */
export const isScope = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(text)

/** An instant as ISO 8601 has it, or a day (in UTC). Milliseconds since 1970, or undefined. */
export function readInstant(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

const sections = ['keys', 'users']
const members = ['name', 'hash', 'created', 'expires', 'scopes', 'labels', 'limit', 'revoked']

/** Reads a file of credentials, an empty one too. Every problem is told with its place. */
export function readCredentialFile(text: string): CredentialFileRead {
  const lines = new LineCounter()
  // Its own search for keys that are there twice takes quadratic time.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false })
  const problems: FileProblem[] = []
  const at = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset)
    problems.push({ line, column: col, message })
  }
  for (const error of [...document.errors, ...document.warnings]) at(error.pos[0], error.message)
  if (problems.length > 0) return { ok: false, problems }
  visit(document, {
    Map(_key, map) {
      const seen = new Set<string>()
      for (const { key } of map.items) {
        if (seen.has(String(key))) at(startOf(key), `${JSON.stringify(String(key))} is there twice`)
        seen.add(String(key))
      }
    }
  })
  const wrong: Wrong = (path, message) => at(placeOf(document, path), message)
  const file = readSections(contentOf(document, wrong), wrong)
  if (problems.length === 0) return { ok: true, file, document }
  return { ok: false, problems: problems.toSorted((a, b) => a.line - b.line || a.column - b.column) }
}

type Path = readonly string[]
type Wrong = (path: Path, message: string) => void
type Members = Readonly<Record<string, unknown>>

function contentOf(document: Document, wrong: Wrong): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    wrong([], error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function readSections(value: unknown, wrong: Wrong): CredentialFile {
  const keys = new Map<string, StoredKey>()
  const users = new Map<string, StoredUser>()
  for (const [section, entries] of Object.entries(mappingOf(value, [], wrong))) {
    if (!sections.includes(section)) wrong([section], `unknown key; accepted: ${sections.join(', ')}`)
    else
      for (const [id, entry] of Object.entries(mappingOf(entries, [section], wrong))) {
        const path = [section, id]
        const written = mappingOf(entry, path, wrong)
        if (section === 'keys') readKey(id, written, path, keys, wrong)
        else readUser(id, written, path, users, wrong)
      }
  }
  return { keys, users }
}

function readKey(id: string, written: Members, path: Path, keys: Map<string, StoredKey>, wrong: Wrong): void {
  if (!isKeyId(id)) wrong(path, 'is no ID of a key; accepted: letters, digits, _ and -')
  const digest = typeof written['hash'] === 'string' ? readDigest(written['hash']) : undefined
  if (digest === undefined) wrong([...path, 'hash'], 'is no hash of a key; accepted: sha256: and 64 hexadecimal digits')
  else keys.set(id, { ...readGrant(written['name'], written, path, wrong), digest })
}

function readUser(name: string, written: Members, path: Path, users: Map<string, StoredUser>, wrong: Wrong): void {
  if (name.includes(':')) wrong(path, 'is no name of a user; accepted: a text without a colon')
  const password = typeof written['hash'] === 'string' ? readPasswordHash(written['hash']) : undefined
  if (password === undefined)
    wrong([...path, 'hash'], 'is no hash of a password; accepted: $scrypt$ln=15,r=8,p=3$SALT$HASH, of at most 256 MiB')
  else users.set(name, { ...readGrant(name, written, path, wrong), password })
}

function readGrant(name: unknown, written: Members, path: Path, wrong: Wrong): Grant {
  for (const key of Object.keys(written))
    if (!members.includes(key)) wrong([...path, key], `unknown key; accepted: ${members.join(', ')}`)
  const isName = typeof name === 'string' && isCredentialName(name)
  if (!isName) wrong([...path, 'name'], 'is no name; accepted: a text of up to 128 characters, none of them a control character')
  const instant = (key: string) => {
    const value = written[key]
    const read = typeof value === 'string' ? readInstant(value) : undefined
    if (value !== undefined && read === undefined)
      wrong([...path, key], 'is no time; accepted: one such as 2030-01-31T12:00:00Z, or a day')
    return read
  }
  const limit = typeof written['limit'] === 'string' ? readLimit(written['limit']) : undefined
  if (written['limit'] !== undefined && limit === undefined) wrong([...path, 'limit'], `is no limit; accepted: ${acceptedLimit}`)
  const revoked = written['revoked'] ?? false
  const { scopes = [], labels = {} } = written
  const areScopes = Array.isArray(scopes) && scopes.every(scope => typeof scope === 'string' && isScope(scope))
  if (!areScopes) wrong([...path, 'scopes'], 'is no list of scopes; accepted: a list of texts without spaces')
  const read = mappingOf(labels, [...path, 'labels'], wrong)
  for (const [key, value] of Object.entries(read))
    if (typeof value !== 'string') wrong([...path, 'labels', key], 'is no text; accepted: a text (a number stands in quotes)')
  return {
    name: isName ? name : '',
    createdAt: instant('created'),
    expiresAt: instant('expires') ?? Number.POSITIVE_INFINITY,
    revoked: typeof revoked === 'boolean' ? revoked : instant('revoked') !== undefined,
    scopes: areScopes ? scopes : [],
    labels: Object.fromEntries(Object.entries(read).map(([key, value]) => [key, String(value)])),
    ...(limit !== undefined && { limit })
  }
}

/** Nothing is an empty mapping. */
function mappingOf(value: unknown, path: Path, wrong: Wrong): Members {
  if (value === null || value === undefined) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    wrong(path, 'is no mapping')
    return {}
  }
  // An object of YAML that is no list has texts for keys.
  return value as Members
}

/** Where the value at a path, or the deepest part of the path that is written, begins. */
function placeOf(document: Document, path: Path): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const step of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => String(key) === step) : undefined
    if (pair === undefined) break
    offset = startOf(pair.key)
    node = pair.value
  }
  return offset
}

const startOf = (node: unknown) => (isNode(node) ? (node.range?.[0] ?? 0) : 0)
