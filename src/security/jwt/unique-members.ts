/** Levels of nesting that a token's JSON may have: no claim in use has more. */
const deepest = 16

/**
 * Whether no object of a JSON text has two members of one name, and none is nested too deep. Which of two counts is up to each
 * reader (RFC 7519 section 4 lets a reader refuse them): the gateway must not see another claim than the service behind it.
 * The text is valid JSON.
 */
export function hasUniqueMembers(json: string): boolean {
  /** For each open object its names so far; undefined for an array. */
  const open: (Set<string> | undefined)[] = []
  for (const [token, isName] of tokensOf(json)) {
    if (token === '{' || token === '[') {
      if (open.push(token === '{' ? new Set() : undefined) > deepest) return false
    } else if (token === '}' || token === ']') {
      open.pop()
    } else if (isName) {
      const names = open.at(-1)
      const name: unknown = JSON.parse(token)
      if (names?.has(String(name))) return false
      names?.add(String(name))
    }
  }
  return true
}

/** Brackets, and texts with whether a colon follows. Everything else is of no interest. */
function* tokensOf(json: string): Generator<readonly [token: string, isName: boolean]> {
  for (const [whole, bracket, text, colon] of json.matchAll(/([{}[\]])|("(?:[^"\\]|\\.)*")\s*(:?)/g)) {
    yield [bracket ?? text ?? whole, colon === ':']
  }
}
