import { addKey, type NewGrant, putUser } from '../credentials/edit-file.ts'
import { hashPassword } from '../credentials/password.ts'
import type { Io } from './io.ts'
import { changeFile, type NamedFile } from './keys-file.ts'

const leastCharacters = 8
const mostCharacters = 1024

/** Adds a key and prints it, or a user with the password that is read. The exit code. */
export async function addCredential(file: NamedFile, grant: NewGrant, basic: boolean, io: Io): Promise<number> {
  if (basic) return addUser(file, grant, io)
  let key = ''
  const code = await changeFile(file, io, async ({ document, file: content }) => {
    key = addKey(document, content, grant)
    return { code: 0, isChanged: true }
  })
  if (code !== 0) return code
  // Not before it is stored.
  io.stdout(`${key}\n`)
  io.stderr(`This is the key of ${grant.name}, and the only time it is shown. ${file.shown} has its hash.\n`)
  return 0
}

async function addUser(file: NamedFile, grant: NewGrant, io: Io): Promise<number> {
  if (process.stdin.isTTY) io.stderr('The password (it is shown as you type): ')
  const password = await firstLine(io)
  if (password.length < leastCharacters || password.length > mostCharacters || /[\x00-\x1f\x7f\ufffd]/.test(password)) {
    io.stderr(
      `evergate keys: a password is one line of ${leastCharacters} to ${mostCharacters} characters on standard input, ` +
        'in UTF-8 and without control characters\n'
    )
    return 1
  }
  const hash = await hashPassword(password)
  const code = await changeFile(file, io, async ({ document, file: content }) => {
    if (content.users.has(grant.name)) io.stderr(`${grant.name} was there already, and is replaced.\n`)
    putUser(document, grant, hash)
    return { code: 0, isChanged: true }
  })
  if (code === 0) io.stderr(`${file.shown} has the hash of the password of ${grant.name}.\n`)
  return code
}

/** Up to the end of the line or of the input, read no further than a password can be long. */
async function firstLine({ stdin }: Io): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stdin ?? []) {
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    if (text.includes('\n') || text.length > mostCharacters + 2) break
  }
  return (text + decoder.decode()).split(/\r?\n/, 1)[0] ?? ''
}
