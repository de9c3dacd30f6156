import type { Stats } from 'node:fs'
import { chown, type FileHandle, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export class RewriteError extends Error {}

/** How long another command that is at the same file is waited for, in milliseconds, and how often it is looked for. */
const patience = { ms: 5000, everyMs: 50 }

/**
 * Replaces a file by what `edit` makes of its text (empty where there is no file); undefined leaves it as it is. Readers see the
 * old text or the new one, and two commands at the same time do not undo each other: the new file has a fixed name, and whoever
 * makes it has its turn. A new file is for its owner alone (mode 0600), and so becomes one that everybody could read. Rejects
 * with a RewriteError in words, and with what `edit` throws.
 */
export async function rewriteFile(file: string, edit: (text: string) => Promise<string | undefined>): Promise<void> {
  // A link stays one.
  const path = await realpath(file).catch(() => file)
  const draftPath = join(dirname(path), `.${basename(path)}.new`)
  const draft = await takeTurn(draftPath)
  let isOurs = true
  try {
    const old = await oldFile(path)
    const text = await edit(old?.text ?? '')
    if (text === undefined) return
    if (old !== undefined) await adopt(draft, draftPath, old.stats)
    await draft.writeFile(text)
    await draft.sync()
    await rename(draftPath, path)
    isOurs = false
  } catch (error) {
    throw isErrno(error) ? new RewriteError(`${file} cannot be written: ${error.code}`) : error
  } finally {
    await draft.close()
    // Once it has become the file, the name may be another command's.
    if (isOurs) await rm(draftPath, { force: true })
  }
}

async function takeTurn(draftPath: string): Promise<FileHandle> {
  const until = performance.now() + patience.ms
  for (;;) {
    try {
      return await open(draftPath, 'wx', 0o600)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code !== 'EEXIST') throw new RewriteError(`${draftPath} cannot be written: ${error.code}`)
      if (performance.now() > until)
        throw new RewriteError(`${draftPath} is there: another command is at work, or broke off; then remove it`)
      await new Promise(resolve => setTimeout(resolve, patience.everyMs))
    }
  }
}

async function oldFile(path: string): Promise<{ readonly text: string; readonly stats: Stats } | undefined> {
  try {
    return { stats: await stat(path), text: await readFile(path, 'utf8') }
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return undefined
    throw isErrno(error) ? new RewriteError(`${path} cannot be read: ${error.code}`) : error
  }
}

/** The new file belongs to whom the old one did, and its group may read it where it was kept from others on purpose. */
async function adopt(draft: FileHandle, draftPath: string, { mode, uid, gid }: Stats): Promise<void> {
  // Only a superuser may give a file away; for everybody else it is theirs.
  await chown(draftPath, uid, gid).catch(() => {})
  if ((mode & 0o007) === 0) await draft.chmod((mode & 0o640) | 0o600)
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
