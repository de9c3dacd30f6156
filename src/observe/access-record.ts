import { errorTable } from '../model/errors.ts'
import type { Exchange } from '../model/exchange.ts'
import { outcomeName } from '../model/outcome.ts'
import type { Refusal } from '../model/refusal.ts'

/** What of a finished request goes into its one line of the access log. */
export interface FinishedRequest {
  readonly id: string
  readonly client: string
  readonly method: string
  readonly host: string
  readonly path: string
  readonly search: string
  readonly status: number
  readonly durationMs: number
  readonly exchange: Exchange | null
  /** The name of who sent it, where that is known. */
  readonly consumer: string | undefined
  /** What the cache of the route did, where it has one. */
  readonly cache?: string | undefined
  /** The gateway's own answer, or why an upstream's broke off, by its code. */
  readonly error: string | undefined
}

/** The line, with every attempt. Fields that do not apply are absent. */
export function accessRecord(request: FinishedRequest, hiddenQuery: RegExp): Record<string, unknown> {
  const { exchange, consumer, cache, error } = request
  return {
    id: request.id,
    client: request.client,
    method: request.method,
    host: request.host,
    path: request.path + redactedQuery(request.search, hiddenQuery),
    status: request.status,
    ms: tenths(request.durationMs),
    ...(consumer === undefined ? {} : { consumer }),
    ...(exchange === null ? {} : { route: exchange.route.prefix, upstream: exchange.group.name, attempts: attemptsOf(exchange) }),
    ...(exchange?.tunnelled === undefined ? {} : { bytes: exchange.tunnelled }),
    ...(cache === undefined ? {} : { cache }),
    ...(error === undefined ? {} : { error })
  }
}

/** The line of a request that no app was asked about: what could be read of it. */
export function refusalRecord(refusal: Refusal, hiddenQuery: RegExp): Record<string, unknown> {
  const { requestId, client, method, host, target, code } = refusal
  const [path, search] = target === undefined ? [] : divided(target)
  return {
    id: requestId,
    client,
    ...(method === undefined ? {} : { method }),
    ...(host === undefined ? {} : { host }),
    ...(path === undefined ? {} : { path: path + redactedQuery(search ?? '', hiddenQuery) }),
    status: errorTable[code].status,
    error: code
  }
}

function divided(target: string): [path: string, search: string] {
  const mark = target.indexOf('?')
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
}

const attemptsOf = (exchange: Exchange) =>
  exchange.attempts.map(({ target, outcome, startedAt, endedAt = startedAt }) => ({
    target: target.id,
    outcome: outcome === undefined ? 'unfinished' : outcomeName(outcome),
    ms: tenths(endedAt - startedAt)
  }))

const tenths = (ms: number) => Math.round(ms * 10) / 10

/** Matches the names of query parameters whose values are secrets, those given included. */
export function secretNames(more: readonly string[]): RegExp {
  const given = more.map(name => name.replace(/[^\w-]/g, '\\$&'))
  return new RegExp(
    `token|secret|password|passwd|signature|credential|api[-_]?key|^(?:${['key', 'sig', 'code', 'auth', ...given].join('|')})$`,
    'i'
  )
}

/** The query with the values of secret parameters replaced by asterisks. */
export function redactedQuery(search: string, hidden: RegExp): string {
  if (search === '') return ''
  const pairs = search
    .slice(1)
    .split('&')
    .map(pair => {
      const equals = pair.indexOf('=')
      return equals >= 0 && hidden.test(decoded(pair.slice(0, equals))) ? `${pair.slice(0, equals)}=***` : pair
    })
  return `?${pairs.join('&')}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}
