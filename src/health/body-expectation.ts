/** Whether an answer's text is as it should be. */
export type BodyExpectation = (text: string) => boolean

/**
 * Reads what a body must contain: a text, or a regular expression between slashes with the flags i, m, s, u. Undefined where the
 * expression is none.
 */
export function readBodyExpectation(written: string): BodyExpectation | undefined {
  const match = /^\/(.+)\/([imsu]*)$/s.exec(written)
  if (match === null) return text => text.includes(written)
  try {
    const pattern = new RegExp(match[1] ?? '', match[2])
    return text => pattern.test(text)
  } catch {
    return undefined
  }
}
