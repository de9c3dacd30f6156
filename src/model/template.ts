import type { Facts } from './facts.ts'
import { requestKey } from './request-key.ts'

/** How a value is written where it comes from: characters, bytes of UTF-8 (one a character), or escaped as in a path. */
export type Writing = 'text' | 'bytes' | 'segment' | 'tail'

export interface Placeholder {
  readonly name: string
  readonly writing: Writing
  readonly read: (facts: Facts) => string | undefined
}

export type TemplatePart = string | Placeholder

export type TemplateRead = { readonly parts: readonly TemplatePart[] } | { readonly wrong: string }

/** What may stand between braces, in a few words. */
export const placeholders =
  '{claim:NAME}, {consumer}, {header:NAME}, {cookie:NAME}, {query:NAME}, {path}, {path.1} and so on, {rest}, {host}, {method}, {ip}, {route} or {request-id}, and {{NAME}} for what is none'

const pattern = /\{\{([^{}]*)\}\}|\{([A-Za-z][^{}\s"']*)\}/g

/** The beginning of a placeholder that is none: its end is not there, or something stands in it that no name has. */
const unfinished = /\{(?:(?:claim|header|cookie|query):|[a-z][\w.-]*$)/

/** Divides a text into what is always the same and placeholders. Other braces, such as those of JSON, are what they are. */
export function readTemplate(text: string): TemplateRead {
  const parts: TemplatePart[] = []
  let literal = ''
  let end = 0
  for (const match of text.matchAll(pattern)) {
    const [whole, escaped, name] = match
    const open = unfinished.exec(text.slice(end, match.index))
    if (open !== null) return { wrong: endless(end + open.index) }
    literal += text.slice(end, match.index)
    end = match.index + whole.length
    if (name === undefined) {
      literal += `{${escaped}}`
      continue
    }
    const found = placeholder(name)
    // The text may be a secret: it is not repeated.
    if (found === undefined) return { wrong: `the placeholder at character ${match.index + 1} is unknown` }
    if (literal !== '') parts.push(literal)
    literal = ''
    parts.push(found)
  }
  const open = unfinished.exec(text.slice(end))
  if (open !== null) return { wrong: endless(end + open.index) }
  literal += text.slice(end)
  if (literal !== '' || parts.length === 0) parts.push(literal)
  return { parts }
}

const endless = (index: number) => `the placeholder at character ${index + 1} does not end, or has a space or a quote in it`

/** The parts of a text that has been read before. Throws for any other. */
export function templateParts(text: string): readonly TemplatePart[] {
  const read = readTemplate(text)
  if ('wrong' in read) throw new RangeError(read.wrong)
  return read.parts
}

/** Whether it says who sends a request: only a route with `auth` knows. */
export const namesIdentity = ({ name }: Placeholder) => name === 'consumer' || name.startsWith('claim:')

const simple: Readonly<Record<string, Omit<Placeholder, 'name'>>> = {
  consumer: { writing: 'bytes', read: facts => facts.consumer },
  host: { writing: 'bytes', read: facts => facts.host },
  method: { writing: 'text', read: facts => facts.method },
  ip: { writing: 'text', read: facts => facts.ip },
  route: { writing: 'tail', read: facts => facts.prefix },
  path: { writing: 'tail', read: facts => facts.path },
  rest: { writing: 'tail', read: ({ path, prefix }) => (prefix === '/' ? path : path.slice(prefix.length)) },
  'request-id': { writing: 'text', read: facts => facts.id }
}

function placeholder(name: string): Placeholder | undefined {
  if (Object.hasOwn(simple, name)) return { name, ...(simple[name] as Omit<Placeholder, 'name'>) }
  const [, digits] = /^path\.([1-9]\d?)$/.exec(name) ?? []
  if (digits !== undefined) return { name, writing: 'segment', read: ({ path }) => path.split('/')[Number(digits)] || undefined }
  const [, kind, key] = /^(claim|header|cookie|query):(.+)$/.exec(name) ?? []
  if (key === undefined) return undefined
  if (kind === 'claim') return { name, writing: 'bytes', read: facts => facts.claim(key) }
  if (kind === 'header' && !/^[!#$%&'*+.^_`|~\w-]+$/.test(key)) return undefined
  const read = requestKey(name)
  return read && { name, writing: kind === 'query' ? 'text' : 'bytes', read }
}
