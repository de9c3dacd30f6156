import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where a program is found on PATH or in the directories of daemons, or undefined when it is not installed. */
export function onPath(program: string): string | undefined {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
  for (const directory of directories) {
    const file = join(directory, program)
    try {
      accessSync(file, constants.X_OK)
      return file
    } catch {
      // Not in this directory.
    }
  }
  return undefined
}
