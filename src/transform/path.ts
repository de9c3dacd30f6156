import type { Facts } from '../model/facts.ts'
import { type Placeholder, templateParts } from '../model/template.ts'
import { textOf } from './url.ts'

/** How servers may read what is put into a path; escapes are as they are sent. */
export interface Readings {
  /** In every reading it is one segment. */
  isSegment(text: string): boolean
  /** In no reading it leads out of where it stands. Begins with a slash, or is empty. */
  staysBelow(tail: string): boolean
}

/** A path made from a request; undefined where the request has not what it takes, or would lead it elsewhere. */
export type PathMaker = (facts: Facts) => string | undefined

/**
 * Makes the path for the upstream from its template. `{path}`, `{route}` and `{rest}` keep their slashes, every other value is
 * exactly one segment, or a part of one: with a slash, a query or a dot segment in it, it would lead out of the path that is meant.
 */
export function pathMaker(template: string, readings: Readings): PathMaker {
  // What clients send is ASCII, and so is what upstreams get.
  const parts = templateParts(template).map(part => (typeof part === 'string' ? escapedLiteral(part) : part))
  return facts => {
    let path = ''
    for (const part of parts) {
      const text = typeof part === 'string' ? part : inserted(part, facts, path.endsWith('/'), readings)
      if (text === undefined) return undefined
      path += text
    }
    return path
  }
}

const escapedLiteral = (text: string) => text.replace(/[^\x21-\x7e]+/g, encodeURIComponent)

function inserted(placeholder: Placeholder, facts: Facts, afterSlash: boolean, readings: Readings): string | undefined {
  if (placeholder.writing === 'tail') {
    const tail = placeholder.read(facts)
    if (tail === undefined || !readings.staysBelow(tail)) return undefined
    return afterSlash ? tail.replace(/^\/+/, '') : tail
  }
  const text = placeholder.writing === 'segment' ? placeholder.read(facts) : escaped(placeholder, facts)
  return text !== undefined && readings.isSegment(text) ? text : undefined
}

function escaped(placeholder: Placeholder, facts: Facts): string | undefined {
  const text = textOf(placeholder, facts)
  return text === undefined ? undefined : encodeURIComponent(text)
}
