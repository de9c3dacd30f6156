import type { Place } from './problem.ts'
import { type FilledAuth, resolveAuth } from './resolve-security.ts'
import type { Destination, RouteConfig, SplitShare } from './types.ts'

type WrittenSplit = Readonly<Record<string, number>> | { readonly to: Readonly<Record<string, number>>; readonly by?: string }

/** A route after its values were read, merged and filled; a part that was refused is not there. */
export type FilledRoute = Omit<RouteConfig, 'prefix' | 'to' | 'place' | 'auth'> & {
  readonly auth: FilledAuth
  readonly prefix?: string
  readonly upstream?: string
  readonly split?: WrittenSplit
}

/** Brings a route into the form that the program uses; undefined where its prefix or its destination was refused. */
export function resolveRoute(filled: FilledRoute, place: Place): RouteConfig | undefined {
  const { upstream, split, prefix, auth, ...rest } = filled
  const to = destinationOf(upstream, split)
  if (prefix === undefined || to === undefined) return undefined
  const body = { ...rest.body, buffer: Math.min(rest.body.buffer, rest.body.max) }
  return { ...rest, prefix, to, auth: resolveAuth(auth), body, place }
}

/** The shares as they are written; what was refused is left out. */
export function sharesOf(split: WrittenSplit): SplitShare[] {
  const shares = isSticky(split) ? split.to : split
  return Object.entries(shares).flatMap(([upstream, share]) => (share === undefined ? [] : [{ upstream, share }]))
}

export function isSticky(split: WrittenSplit): split is Extract<WrittenSplit, { readonly to: object }> {
  return typeof split['to'] === 'object'
}

function destinationOf(upstream: string | undefined, split: WrittenSplit | undefined): Destination | undefined {
  if (upstream !== undefined) return { kind: 'upstream', upstream }
  if (split === undefined) return undefined
  const shares = sharesOf(split)
  const sum = shares.reduce((total, { share }) => total + share, 0)
  const parts = shares.map(({ upstream: name, share }) => ({ upstream: name, share: share / sum }))
  return { kind: 'split', shares: parts, ...(isSticky(split) && split.by !== undefined ? { by: split.by } : {}) }
}
