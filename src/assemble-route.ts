import type { GatewayConfig } from '../config/types.ts'
import type { RouteConfig } from '../config/types-route.ts'
import type { MirrorsOf } from './assemble-mirrors.ts'
import { type Authenticators, buildRouteAuth } from './assemble-security.ts'
import { buildEdit, buildRetarget, readsFacts } from './assemble-transform.ts'
import { corsRules } from './browser/cors.ts'
import { csrfRules } from './browser/csrf.ts'
import { compressionRules } from './compress/rules.ts'
import { FaultRule } from './fault/fault-rule.ts'
import type { RetryRules } from './model/group.ts'
import { requestKey } from './model/request-key.ts'
import type { Destination, OwnAnswer, Route } from './model/route.ts'
import { accessList } from './security/access-lists.ts'
import type { Registry } from './upstream/registry.ts'

/** What routes need of `security`; `withheld` is the fields that no client may say. */
export interface RouteSecurity {
  readonly authenticators: Pick<Authenticators, 'of'>
  readonly withheld: ReadonlySet<string> | undefined
}

/** Puts a route together. The registry has every group that a checked configuration names. */
export function buildRoute(
  config: RouteConfig,
  { timeouts }: GatewayConfig,
  registry: Registry,
  { authenticators, withheld }: RouteSecurity,
  mirrorsOf: MirrorsOf = () => []
): Route {
  const { exact, host, methods, headers = {}, query = {}, rewrite, retry, place } = config
  const priority = typeof config.priority === 'string' ? config.priority : requestKey(`header:${config.priority.header}`)
  const requestEdit = buildEdit(config.transform.request)
  const auth = buildRouteAuth(config.auth, authenticators)
  const responseEdit = buildEdit(config.transform.response)
  const access = accessList(config)
  const mirrors = mirrorsOf(config)
  const retarget = buildRetarget(config)
  return {
    prefix: config.prefix,
    ...(exact === undefined ? {} : { exact }),
    ...(host === undefined ? {} : { host }),
    ...(methods === undefined ? {} : { methods: new Set(methods) }),
    headers: Object.entries(headers),
    query: Object.entries(query),
    destination: buildDestination(config.to, registry),
    ...(rewrite === undefined ? {} : { rewrite }),
    ...(retarget === undefined ? {} : { retarget }),
    ...(readsFacts(retarget, requestEdit, responseEdit) ? { readsFacts: true } : {}),
    timeoutMs: config.timeout,
    maxBodyBytes: config.body.max,
    bufferBytes: config.body.buffer,
    receiveMs: config.body.timeout ?? timeouts.request,
    ...(requestEdit === undefined ? {} : { requestEdit }),
    ...(responseEdit === undefined ? {} : { responseEdit }),
    ...(priority === undefined ? {} : { priority }),
    ...(auth === undefined ? {} : { auth }),
    ...(withheld === undefined ? {} : { withheld }),
    hostHeader: config.hostHeader,
    pluginSet: [...config.plugins].sort().join(' '),
    observe: config.mode === 'observe',
    ...(config.cors === false ? {} : { cors: corsRules(config.cors, config.methods && new Set(config.methods)) }),
    ...(config.csrf === false ? {} : { csrf: csrfRules(config.csrf) }),
    ...(config.securityHeaders === false ? {} : { careful: config.securityHeaders }),
    ...(config.compress === false ? {} : { compress: compressionRules(config.compress) }),
    ...(access === undefined ? {} : { access }),
    ...(config.rateLimits.length === 0 ? {} : { rateLimits: config.rateLimits }),
    ...(mirrors.length === 0 ? {} : { mirrors }),
    ...(config.fault === false ? {} : { fault: new FaultRule(config.fault) }),
    ...(retry === undefined ? {} : { retry: buildRouteRetry(retry) }),
    ...(place.line === undefined ? {} : { line: place.line })
  }
}

function buildDestination(to: RouteConfig['to'], registry: Registry): Destination {
  if (to.kind === 'upstream') return { kind: 'group', group: registry.group(to.upstream) }
  if (to.kind === 'redirect') return to
  if (to.kind === 'respond') return { kind: 'respond', answer: answerOf(to) }
  const by = to.by === undefined ? undefined : requestKey(to.by)
  const shares = to.shares.map(({ upstream, share }) => ({ group: registry.group(upstream), share }))
  return { kind: 'split', shares, ...(by === undefined ? {} : { by }) }
}

/** Without a type browsers would guess one. */
function answerOf({ status, headers, body }: Extract<RouteConfig['to'], { kind: 'respond' }>): OwnAnswer {
  const typed = body === '' || 'content-type' in headers ? headers : { ...headers, 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers: typed, body }
}

function buildRouteRetry({ attempts, on, backoff, unsafe }: NonNullable<RouteConfig['retry']>): Partial<RetryRules> {
  return {
    ...(attempts === undefined ? {} : { attempts }),
    ...(on === undefined ? {} : { on: new Set(on) }),
    ...(backoff === undefined ? {} : { backoffMs: [backoff[0], backoff[1]] as const }),
    ...(unsafe === undefined ? {} : { unsafe })
  }
}
