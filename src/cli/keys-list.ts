import { readFile } from 'node:fs/promises'
import { reasonOf } from '../../config/scalars/files.ts'
import type { Grant } from '../credentials/credential-file.ts'
import { limitText } from '../credentials/own-limit.ts'
import type { Io } from './io.ts'
import { type NamedFile, opened } from './keys-file.ts'

interface Row {
  readonly id: string
  readonly name: string
  readonly state: 'active' | 'expired' | 'revoked'
  readonly created: string | null
  readonly expires: string | null
  readonly scopes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly limit: string | null
}

/** Prints what a file holds, without hashes. A file that is not there holds nothing, which is said. */
export async function listCredentials(file: NamedFile, json: boolean, io: Io): Promise<number> {
  const text = await textOf(file, io)
  const content = text === undefined ? undefined : opened(text, file, io)
  if (content === undefined) return 1
  const keys = [...content.file.keys].map(([id, key]) => rowOf(id, key))
  const users = [...content.file.users].map(([name, user]) => rowOf(name, user))
  if (json) io.stdout(`${JSON.stringify({ keys, users }, null, 2)}\n`)
  else {
    for (const row of keys) io.stdout(`${lineOf(row.id, row)}\n`)
    for (const row of users) io.stdout(`${lineOf('(password)', row)}\n`)
  }
  return 0
}

async function textOf({ path, shown }: NamedFile, io: Io): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    io.stderr(`${isAbsent ? '' : 'evergate keys: '}${shown} cannot be read: ${reasonOf(error)}\n`)
    return isAbsent ? '' : undefined
  }
}

function rowOf(id: string, { name, createdAt, expiresAt, revoked, scopes, labels, limit }: Grant): Row {
  const timeOf = (at: number | undefined) => (at === undefined || at === Number.POSITIVE_INFINITY ? null : isoOf(at))
  const state = revoked ? 'revoked' : expiresAt <= Date.now() ? 'expired' : 'active'
  const [created, expires] = [timeOf(createdAt), timeOf(expiresAt)]
  return { id, name, state, created, expires, scopes, labels, limit: limit === undefined ? null : limitText(limit) }
}

const isoOf = (at: number) => new Date(at).toISOString()

function lineOf(id: string, { name, state, created, expires, scopes, labels, limit }: Row): string {
  const more = [
    ...(created === null ? [] : [`since ${created}`]),
    ...(expires === null ? [] : [`until ${expires}`]),
    ...(limit === null ? [] : [`limit ${limit}`]),
    ...(scopes.length === 0 ? [] : [`scopes ${scopes.join(' ')}`]),
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  ]
  return [id.padEnd(18), state.padEnd(7), name, ...more].join('  ')
}
