import type { Document } from 'yaml'
import { type CredentialFile, problemText, readCredentialFile } from '../credentials/credential-file.ts'
import { documentText } from '../credentials/edit-file.ts'
import type { Io } from './io.ts'
import { RewriteError, rewriteFile } from './rewrite-file.ts'

/** A file as commands name it, and where it is. */
export interface NamedFile {
  readonly path: string
  readonly shown: string
}

export interface Opened {
  readonly document: Document
  readonly file: CredentialFile
}

/** What the text holds; undefined, and every problem is printed, where it cannot be used. */
export function opened(text: string, { shown }: NamedFile, io: Io): Opened | undefined {
  const result = readCredentialFile(text)
  if (result.ok) return result
  for (const problem of result.problems) io.stderr(`${problemText(shown, problem)}\n`)
  return undefined
}

/** Changes the file, unless it has problems, or `edit` says that nothing is to be changed. The exit code is what it says. */
export async function changeFile(file: NamedFile, io: Io, edit: (opened: Opened) => Promise<Changed>): Promise<number> {
  let code = 1
  try {
    await rewriteFile(file.path, async text => {
      const content = opened(text, file, io)
      if (content === undefined) return undefined
      const changed = await edit(content)
      code = changed.code
      return changed.isChanged ? documentText(content.document) : undefined
    })
  } catch (error) {
    if (!(error instanceof RewriteError)) throw error
    io.stderr(`evergate keys: ${error.message}\n`)
    return 1
  }
  return code
}

export interface Changed {
  readonly code: number
  readonly isChanged: boolean
}
