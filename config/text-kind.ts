import { type Kind, kindOf, type Node } from './node.ts'
import type { FileText } from './scalars/files.ts'

export type Read = { readonly value: unknown } | { readonly wrong: string }

/** One kind of text in the configuration: what is accepted, and how it is read. */
export interface TextKind {
  /** Ends `"x" is no ...`. */
  readonly noun: string
  readonly accepted: string
  readonly kinds: readonly Kind[]
  /** May be a secret: messages do not show it. */
  readonly hidden?: true
  /** What an editor can check of it. */
  readonly json: Readonly<Record<string, unknown>>
  /** Undefined: it is none of these, and nothing more can be said. `wrong` says what is, in full. */
  read(value: unknown, node: Node, file: (path: string) => FileText): Read | undefined
}

/** What every text is for an editor. */
export const text = { type: 'string' } as const

/** A value as a message shows it, cut where it is long. */
export function shown(value: unknown): string {
  switch (kindOf(value)) {
    case 'nothing':
      return 'an empty value'
    case 'text': {
      const json = JSON.stringify(value)
      return json.length > 80 ? `${json.slice(0, 76)}..."` : json
    }
    case 'list':
      return 'a list'
    case 'mapping':
      return 'a mapping'
    case 'object':
      return 'an object of a class'
    default:
      return String(value)
  }
}

export function found(value: unknown): Read | undefined {
  return value === undefined ? undefined : { value }
}

export function said(value: unknown, accepted: string, read: Read): Read {
  return 'wrong' in read ? { wrong: `${shown(value)} ${read.wrong}; accepted: ${accepted}` } : read
}

/** A password in a URL is not repeated in a message. */
export function withoutUser(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//***@')
}
