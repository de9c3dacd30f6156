import type { Cancel, Scheduler } from '../time/scheduler.ts'
import { type CredentialFile, readCredentialFile } from './credential-file.ts'
import type { Report } from './report.ts'
import { WatchedFile } from './watched-file.ts'

/**
 * Gives the credentials of a file to `use`, now and whenever the file has changed. A file that cannot be used is reported, and what
 * was used before stays. Ended by what it returns.
 */
export function openFile(
  path: string,
  { scheduler, report }: { readonly scheduler: Scheduler; readonly report: Report },
  use: (file: CredentialFile) => void
): Cancel {
  const failed = (why: string) => report({ kind: 'file-refused', file: path, why })
  const read = (text: string) => {
    const result = readCredentialFile(text)
    if (result.ok) {
      use(result.file)
      report({ kind: 'file-read', file: path, keys: result.file.keys.size, users: result.file.users.size })
      return
    }
    const [problem] = result.problems
    report({ kind: 'file-refused', file: path, why: problem?.message ?? '', ...(problem && { problem }) })
  }
  const file = new WatchedFile(path, scheduler, { read, failed })
  return () => file.stop()
}
