import { combined, type Fields } from './fields.ts'

/** Directives of Cache-Control by name, in lower case; true for one without an argument. */
export type Directives = ReadonlyMap<string, string | true>

/** RFC 9111 section 1.2.2: more than this is this. */
const mostSeconds = 2 ** 31

const none: Directives = new Map()

/**
 * Reads Cache-Control (RFC 9111 section 5.2). Arguments may be tokens or quoted; of a directive that comes twice the first
 * counts, or the smaller number. What cannot be read is left out.
 */
export function directivesOf(fields: Fields): Directives {
  const text = combined(fields, 'cache-control')
  if (text === undefined) return none
  const directives = new Map<string, string | true>()
  for (const [member] of text.matchAll(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g)) {
    const equals = member.indexOf('=')
    const name = (equals < 0 ? member : member.slice(0, equals)).trim().toLowerCase()
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) continue
    const argument = equals < 0 ? true : unquoted(member.slice(equals + 1).trim())
    const before = directives.get(name)
    if (before === undefined || isSmaller(argument, before)) directives.set(name, argument)
  }
  return directives
}

const unquoted = (text: string) => (/^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text)

const isSmaller = (argument: string | true, before: string | true) =>
  argument !== true && before !== true && Number(argument) < Number(before)

/** The seconds of a directive; 0 where they cannot be read, which RFC 9111 section 4.2.1 prefers to a guess; undefined: none. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const argument = directives.get(name)
  if (argument === undefined) return undefined
  return argument !== true && /^\d+$/.test(argument) ? Math.min(Number(argument), mostSeconds) : 0
}

/** Whether a directive stands for the whole answer: one with an argument concerns the fields that it names only. */
export const isWhole = (directives: Directives, name: string): boolean => {
  const argument = directives.get(name)
  return argument === true || argument === ''
}

/** The fields that `no-cache="..."` and `private="..."` name, in lower case. */
export function namedFields(directives: Directives): string[] {
  return ['no-cache', 'private'].flatMap(name => {
    const argument = directives.get(name)
    return typeof argument === 'string' ? argument.split(',').flatMap(each => each.trim().toLowerCase() || []) : []
  })
}
