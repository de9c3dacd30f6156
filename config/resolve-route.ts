import { resolve } from 'node:path'
import type { CacheTerms } from '../src/cache/options.ts'
import type { RateLimit } from '../src/model/rate-limit.ts'
import type { Elsewhere } from '../src/model/route.ts'
import type { RateLimitOptions } from '../src/rate-limit/options.ts'
import type { Place } from './problem.ts'
import { type FilledFault, resolveFault } from './resolve-fault.ts'
import { type FilledMirrors, resolveMirrors } from './resolve-mirror.ts'
import { type FilledAuth, resolveAuth } from './resolve-security.ts'
import type { Resolved } from './types.ts'
import type { Destination, RouteConfig, SplitShare } from './types-route.ts'

type WrittenSplit = Readonly<Record<string, number>> | { readonly to: Readonly<Record<string, number>>; readonly by?: string }

/** A route after its values were read, merged and filled; a part that was refused is not there. */
export type FilledRoute = Omit<
  RouteConfig,
  'prefix' | 'exact' | 'to' | 'place' | 'auth' | 'rateLimits' | 'mirrors' | 'fault' | 'cache'
> & {
  readonly cache: FilledCache
  readonly rateLimit?: false | FilledLimit | readonly (FilledLimit | undefined)[]
  readonly auth: FilledAuth
  readonly mirror: FilledMirrors
  readonly fault: FilledFault
  readonly prefix?: string
  readonly path?: string
  readonly upstream?: string
  readonly split?: WrittenSplit
  readonly redirect?: false | (Elsewhere & { readonly status: number })
  readonly respond?:
    | false
    | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
}

/** A cache after its values were read and filled; what was refused is not there. */
export type FilledCache =
  | false
  | (Partial<Omit<CacheTerms, 'store'>> & { readonly store?: 'memory' | { readonly disk?: string } })

/** A limit after its values were read and filled; what was refused is not there. */
export type FilledLimit = Partial<Resolved<Exclude<RateLimitOptions, false | readonly unknown[]>>>

/** Brings a route into the form that the program uses; undefined where its prefix or its destination was refused. */
export function resolveRoute(filled: FilledRoute, place: Place, directory: string): RouteConfig | undefined {
  const { upstream, split, redirect, respond, prefix: under, path, auth, rateLimit, mirror, fault, cache, ...rest } = filled
  const to = destinationOf({ upstream, split, redirect, respond })
  const prefix = under ?? path
  if (prefix === undefined || to === undefined) return undefined
  const body = { ...rest.body, buffer: Math.min(rest.body.buffer, rest.body.max) }
  return {
    ...rest,
    prefix,
    ...(path === undefined ? {} : { exact: true }),
    to,
    auth: resolveAuth(auth),
    body,
    rateLimits: resolveLimits(limitsOf(rateLimit)),
    mirrors: resolveMirrors(mirror),
    fault: resolveFault(fault),
    cache: resolveCache(cache, directory),
    place
  }
}

/** What has a default is there: only a file has none, and counts from the directory. */
function resolveCache(cache: FilledCache, directory: string): false | CacheTerms {
  if (cache === false) return false
  const { store = 'memory', ...terms } = cache
  const place = store === 'memory' || store.disk === undefined ? 'memory' : { disk: resolve(directory, store.disk) }
  return { ...(terms as Omit<CacheTerms, 'store'>), store: place }
}

/** The limits as a list; those that were refused are undefined. */
export function limitsOf(rateLimit: FilledRoute['rateLimit']): readonly (FilledLimit | undefined)[] {
  if (rateLimit === undefined || rateLimit === false) return []
  return isListOfLimits(rateLimit) ? rateLimit : [rateLimit]
}

// Array.isArray does not narrow lists that are read only.
const isListOfLimits = (limits: object): limits is readonly (FilledLimit | undefined)[] => Array.isArray(limits)

/** Limits that have no name are called by what they are counted by; the second of the same kind is `ip-2`. */
function resolveLimits(limits: readonly (FilledLimit | undefined)[]): RateLimit[] {
  const taken = new Set(limits.flatMap(limit => limit?.name ?? []))
  return limits.flatMap(filled => {
    if (filled?.limit === undefined || filled.by === undefined || filled.algorithm === undefined) return []
    const { limit, window = 0, by, algorithm, legacyHeaders = false, name = freeName(by, taken) } = filled
    taken.add(name)
    return [{ name, limit, windowMs: window, algorithm, by, legacyHeaders }]
  })
}

function freeName(by: string, taken: ReadonlySet<string>): string {
  const plain = by.replace(/[^\w-]+/g, '-')
  let name = plain
  for (let count = 2; taken.has(name); count++) name = `${plain}-${count}`
  return name
}

/** The shares as they are written; what was refused is left out. */
export function sharesOf(split: WrittenSplit): SplitShare[] {
  const shares = isSticky(split) ? split.to : split
  return Object.entries(shares).flatMap(([upstream, share]) => (share === undefined ? [] : [{ upstream, share }]))
}

export function isSticky(split: WrittenSplit): split is Extract<WrittenSplit, { readonly to: object }> {
  return typeof split['to'] === 'object'
}

type Written = { readonly [Key in 'upstream' | 'split' | 'redirect' | 'respond']: FilledRoute[Key] | undefined }

function destinationOf({ upstream, split, redirect, respond }: Written): Destination | undefined {
  if (upstream !== undefined) return { kind: 'upstream', upstream }
  if (redirect) return { kind: 'redirect', ...redirect }
  if (respond) return { kind: 'respond', ...respond }
  if (split === undefined) return undefined
  const shares = sharesOf(split)
  const sum = shares.reduce((total, { share }) => total + share, 0)
  const parts = shares.map(({ upstream: name, share }) => ({ upstream: name, share: share / sum }))
  return { kind: 'split', shares: parts, ...(isSticky(split) && split.by !== undefined ? { by: split.by } : {}) }
}
