import { canonicalPath, everyReading, hasPrefix } from './path.ts'

/** Whether a text that is put into a path is one segment of it, however the path is read. */
export function isSegment(text: string): boolean {
  // At a NUL some end the whole path, and no control character has a meaning in one.
  if (/%(?:[01][\da-f]|7f)/i.test(text)) return false
  const path = `/${text}`
  return canonicalPath(path) === path && /^\/[^/]+$/.test(path) && everyReading(path, reading => /^\/[^/]+$/.test(reading))
}

/** Whether what follows a path stays below it, however it is read. It begins with a slash, or is empty. */
export function staysBelow(tail: string): boolean {
  const base = '/a'
  return everyReading(base + tail, reading => hasPrefix(reading, base))
}
