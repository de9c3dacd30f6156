import type { HeaderRules, RouteConfig } from '../config/types-route.ts'
import type { Facts } from './model/facts.ts'
import { outgoingPath } from './model/outgoing-path.ts'
import type { HeaderEdit, Route } from './model/route.ts'
import * as readings from './routing/insertion.ts'
import { redirectPath } from './routing/redirect.ts'
import { fieldValue } from './transform/field.ts'
import { pathMaker } from './transform/path.ts'
import { queryEdit } from './transform/query.ts'

/** Changes to headers made ready; undefined where there are none. */
export function buildEdit({ set, add, remove }: HeaderRules): HeaderEdit | undefined {
  const append = [...Object.entries(set), ...Object.entries(add)].map(([name, value]) => [name, fieldValue(value)] as const)
  if (append.length === 0 && remove.length === 0) return undefined
  return { drop: new Set([...remove, ...Object.keys(set)]), append }
}

/** What makes path and query for the upstream, or for a redirect, from each request; undefined where the prefix alone is replaced. */
export function buildRetarget(route: RouteConfig): Route['retarget'] {
  const { to, transform } = route
  const { path: template } = transform
  const edit = queryEdit(transform.query)
  if (template === undefined && edit === undefined) return undefined
  const replaced = ({ path }: Facts) => (to.kind === 'redirect' ? redirectPath(route, to, path) : outgoingPath(route, path))
  const path = template === undefined ? replaced : pathMaker(template, readings)
  return facts => {
    const made = path(facts)
    const search = facts.search === '' ? '' : `?${facts.search}`
    return made === undefined ? undefined : made + (edit === undefined ? search : edit(search, facts))
  }
}

export const readsFacts = (retarget: Route['retarget'], ...edits: readonly (HeaderEdit | undefined)[]) =>
  retarget !== undefined || edits.some(edit => edit?.append.some(([, value]) => typeof value !== 'string'))
