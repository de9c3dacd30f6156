import { revoke } from '../credentials/edit-file.ts'
import type { Io } from './io.ts'
import { changeFile, type NamedFile } from './keys-file.ts'

/** Revokes a key by its ID, or every key of a name; with `basic` a user. 1 where there is none. */
export function revokeCredentials(file: NamedFile, name: string, basic: boolean, io: Io): Promise<number> {
  return changeFile(file, io, async ({ document, file: { keys, users } }) => {
    const among = basic ? users : keys
    const named = among.has(name) ? [name] : [...among].filter(([, grant]) => grant.name === name).map(([id]) => id)
    if (named.length === 0) {
      io.stderr(`evergate keys: ${file.shown} has no ${basic ? 'user' : 'key'} ${JSON.stringify(name)}\n`)
      return { code: 1, isChanged: false }
    }
    const current = named.filter(id => !among.get(id)?.revoked)
    const at = new Date().toISOString()
    for (const id of current) {
      revoke(document, basic ? 'users' : 'keys', id, at)
      io.stderr(`${id} is revoked.\n`)
    }
    if (current.length === 0) io.stderr(`${named.join(', ')}: revoked before.\n`)
    return { code: 0, isChanged: current.length > 0 }
  })
}
