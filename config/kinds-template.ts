import { placeholders, readTemplate } from '../src/model/template.ts'
import { isHeaderValue, readPath } from './scalars/http.ts'
import { type Read, type TextKind, text } from './text-kind.ts'

const templatePaths = 'a path that begins with /, with placeholders, such as /v2/{path.2}'

/** Texts that may have placeholders. */
export const templateKinds = {
  'header-template': {
    noun: 'value of a header',
    accepted: 'a text of one line (a number stands in quotes)',
    hidden: true,
    kinds: ['text'],
    json: text,
    read: value => (isHeaderValue(String(value)) ? readParts(String(value)) : undefined)
  },
  'query-template': {
    noun: 'value of a parameter',
    accepted: 'a text (a number stands in quotes)',
    hidden: true,
    kinds: ['text'],
    json: text,
    read: value => (String(value).isWellFormed() ? readParts(String(value)) : undefined)
  },
  'path-template': {
    noun: 'path',
    accepted: templatePaths,
    kinds: ['text'],
    json: { ...text, pattern: '^/[^?#]*$' },
    read: value => readPathParts(String(value))
  }
} as const satisfies Readonly<Record<string, TextKind>>

function readParts(value: string): Read {
  const read = readTemplate(value)
  return 'wrong' in read ? { wrong: `${read.wrong}; accepted: ${placeholders}` } : { value }
}

/** What stands between the placeholders is checked as any path; whatever a placeholder brings is one more character of it. */
function readPathParts(value: string): Read {
  const read = readTemplate(value)
  if ('wrong' in read) return { wrong: `${read.wrong}; accepted: ${placeholders}` }
  const path = readPath(read.parts.map(part => (typeof part === 'string' ? part : 'x')).join(''))
  return 'wrong' in path ? { wrong: `${JSON.stringify(value)} ${path.wrong}; accepted: ${templatePaths}` } : { value }
}
