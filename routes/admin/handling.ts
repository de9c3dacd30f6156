import type { HeaderRules, RouteConfig } from '../../config/types-route.ts'
import type { FaultSettings } from '../../src/fault/options.ts'
import { maskedPairs } from './config.ts'

/**
 * What a route does with requests and answers besides passing them on; what it does not do is absent. A value that it gives to a
 * header or a parameter may be a secret: names stand alone.
 */
export function describeHandling({ to, transform, fault, cache, mirrors, compress }: RouteConfig) {
  const forwards = to.kind === 'upstream' || to.kind === 'split'
  const changes = changesOf(transform)
  return {
    ...(Object.keys(changes).length === 0 ? {} : { transform: changes }),
    ...(fault === false || !forwards ? {} : { fault: describeFault(fault) }),
    ...(cache === false || !forwards ? {} : { cache: describeCache(cache) }),
    ...(mirrors.length === 0 || !forwards
      ? {}
      : { mirrors: mirrors.map(({ upstream, share, compare }) => ({ upstream, share, compare: compare !== false })) }),
    ...(compress === false ? {} : { compress: { encodings: compress.encodings, types: compress.types, minBytes: compress.min } })
  }
}

/** The same in lines, in the order in which a request meets it. */
export function handlingText(config: RouteConfig): string[] {
  const { transform, fault, cache, mirrors, compress } = describeHandling(config)
  return [
    ...Object.entries(transform ?? {}).map(([part, change]) => `transform: ${part} ${wordsOf(change)}`),
    ...(fault === undefined ? [] : [`fault on purpose: ${faultText(fault)}`]),
    ...(cache === undefined ? [] : [`cache: ${cacheText(cache)}`]),
    ...(mirrors ?? []).map(
      ({ upstream, share, compare }) =>
        `mirror: copies of ${percent(share)} of requests go to ${upstream}${compare ? ', and the answers are compared' : ''}`
    ),
    ...(compress === undefined
      ? []
      : [
          `compress: ${compress.encodings.join(' ')}, answers of ${compress.minBytes} bytes or more, of ${shortened(compress.types)}`
        ])
  ]
}

/** Names of headers or parameters. */
export interface Names {
  readonly set?: readonly string[]
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

function changesOf({ path, query, request, response }: RouteConfig['transform']) {
  const [ofQuery, ofRequest, ofResponse] = [query, request, response].map(namesOf)
  return {
    ...(path === undefined ? {} : { path }),
    ...(ofQuery && { query: ofQuery }),
    ...(ofRequest && { request: ofRequest }),
    ...(ofResponse && { response: ofResponse })
  }
}

function namesOf({ set, add, remove }: HeaderRules): Names | undefined {
  const names = Object.entries({ set: Object.keys(set), add: Object.keys(add), remove: [...remove] }).filter(
    ([, each]) => each.length > 0
  )
  return names.length === 0 ? undefined : Object.fromEntries(names)
}

const wordsOf = (change: string | Names) =>
  typeof change === 'string'
    ? change
    : Object.entries(change)
        .map(([verb, names]) => `${verb} ${names.join(' ')}`)
        .join(', ')

function describeFault({ delay, abort, share, when: { headers, query } }: FaultSettings) {
  const [named, asked] = [maskedPairs(Object.entries(headers)), maskedPairs(Object.entries(query))]
  return {
    share,
    ...(delay === undefined ? {} : { delayMs: delay }),
    ...(abort === undefined ? {} : { abort }),
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(asked.length === 0 ? {} : { query: Object.fromEntries(asked) })
  }
}

function faultText({ share, delayMs, abort, headers = {}, query = {} }: ReturnType<typeof describeFault>): string {
  const conditions = [
    ...Object.entries(headers).map(([name, value]) => `header ${name}: ${value}`),
    ...Object.entries(query).map(([name, value]) => `parameter ${name}=${value}`)
  ]
  const done = [
    delayMs === undefined ? [] : `wait ${delayMs[0]} to ${delayMs[1]} ms`,
    abort === undefined ? [] : abort === 'reset' ? 'are dropped' : `are answered with ${abort}`
  ]
  return `${percent(share)} of requests${conditions.length === 0 ? '' : ` with ${conditions.join(', ')}`} ${done.flat().join(' and ')}`
}

const describeCache = ({ store, maxSize, maxEntries, maxEntry, staleIfError, staleWhileRevalidate, tags }: Cached) => ({
  store: store === 'memory' ? store : store.disk,
  maxBytes: maxSize,
  maxEntries,
  maxEntryBytes: maxEntry,
  staleIfErrorMs: staleIfError,
  staleWhileRevalidateMs: staleWhileRevalidate,
  tags
})

type Cached = Exclude<RouteConfig['cache'], false>

function cacheText({ store, maxBytes, maxEntries, maxEntryBytes, ...stale }: ReturnType<typeof describeCache>): string {
  const after = (what: string, ms: number) => (ms === 0 ? '' : `, stale for ${ms} ms more ${what}`)
  return `at most ${maxEntries} answers and ${maxBytes} bytes in ${store}, each at most ${maxEntryBytes} bytes${after('while a new one is fetched', stale.staleWhileRevalidateMs)}${after('where the upstream fails', stale.staleIfErrorMs)}`
}

const shortened = (all: readonly string[]) =>
  all.length > 4 ? `${all.slice(0, 3).join(' ')} and ${all.length - 3} more types` : all.join(' ')

const percent = (share: number) => `${Math.round(share * 1000) / 10} %`
