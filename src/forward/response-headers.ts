import type { Facts } from '../model/facts.ts'
import type { Route } from '../model/route.ts'
import { hopByHop, namedByConnection } from './hop-by-hop.ts'
import { incomingCookie, incomingLocation, type ReverseContext } from './rewrite.ts'

/** As undici gives them, and as Node writes them: names in lower case. */
export type ResponseFields = Record<string, string | string[]>

const invalidValue = /[^\t\x20-\x7e\x80-\xff]/

/** The fields of an answer as they go to the client; undefined when one of them could not be written. */
export function responseHeaders(
  upstream: Record<string, string | string[] | undefined>,
  route: Route,
  context: ReverseContext,
  facts?: Facts
): ResponseFields | undefined {
  const fields: ResponseFields = {}
  const named = namedByConnection(upstream['connection'])
  const edit = route.responseEdit
  for (const name in upstream) {
    const value = upstream[name]
    if (value === undefined || hopByHop.has(name) || named?.has(name) || edit?.drop.has(name) || name === 'x-request-id') continue
    if (typeof value === 'string' ? invalidValue.test(value) : value.some(each => invalidValue.test(each))) return undefined
    fields[name] = value
  }
  reverse(fields, context)
  for (const [name, value] of edit?.append ?? []) {
    const text = typeof value === 'string' ? value : facts && value(facts)
    if (text !== undefined) append(fields, name, text)
  }
  return fields
}

function reverse(fields: ResponseFields, context: ReverseContext): void {
  for (const name of ['location', 'content-location']) {
    const value = fields[name]
    if (typeof value === 'string') fields[name] = incomingLocation(value, context)
  }
  const cookies = fields['set-cookie']
  if (cookies === undefined || context.route.rewrite === undefined) return
  fields['set-cookie'] = [cookies].flat().map(cookie => incomingCookie(cookie, context.route))
}

function append(fields: ResponseFields, name: string, value: string): void {
  const before = fields[name]
  fields[name] = before === undefined ? value : [before, value].flat()
}
