import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'

const LARGEST_BYTES = 1024 * 1024

/** `path` is the absolute one. */
export type FileText = { readonly text: string; readonly path: string } | { readonly wrong: string }

/** Reads small text files relative to a directory; each once, so that a default that names one is cheap. */
export function createFileReader(directory: string): (file: string) => FileText {
  const read = new Map<string, FileText>()
  return file => {
    const path = isAbsolute(file) ? file : resolve(directory, file)
    const known = read.get(path) ?? readText(path)
    read.set(path, known)
    return known
  }
}

function readText(path: string): FileText {
  try {
    const stat = statSync(path)
    if (!stat.isFile()) return { wrong: `${path} is no file` }
    if (stat.size > LARGEST_BYTES) return { wrong: `${path} is larger than 1mb` }
    return { text: readFileSync(path, 'utf8'), path }
  } catch (error) {
    return { wrong: `${path} cannot be read: ${reasonOf(error)}` }
  }
}

/** Why a file could not be read, without the path and the system call that the error names. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  switch (code) {
    case 'ENOENT':
      return 'there is no such file'
    case 'EACCES':
    case 'EPERM':
      return 'permission denied'
    case 'EISDIR':
      return 'it is a directory'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}
