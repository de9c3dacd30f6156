import { type Draft, whereWritten } from './draft.ts'
import { kindOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import { configuredWays, type FilledAuth, resolveAuth } from './resolve-security.ts'

/** Fields that other parts of a request's way read or write: no claim may take their place. */
const reserved = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'host', 'expect', 'via', 'forwarded', 'x-real-ip'],
  ...['x-request-id', 'x-request-timeout-ms', 'traceparent', 'tracestate', 'grpc-timeout', 'idempotency-key']
])

/** Routes ask for credentials that `security` configures, and forward claims where they do no harm. */
export function checkAuth({ input, top, routes }: Draft, report: Report): void {
  const ways = configuredWays(top.security)
  const written = valueAt(input, 'routes')
  for (const [index, route] of routes.entries()) {
    const own: unknown = Array.isArray(written) ? written[index] : undefined
    if (route === undefined || kindOf(own) !== 'mapping') continue
    const where = (...keys: string[]): Path => whereWritten(input, ['routes', index], own, 'auth', ...keys)
    checkWays(route.auth, ways, where, report)
    checkForward(route.auth, where, report)
  }
}

type Where = (...keys: string[]) => Path

function checkWays(filled: FilledAuth, configured: ReturnType<typeof configuredWays>, where: Where, report: Report): void {
  const auth = resolveAuth(filled)
  if (auth === false) return
  const isMapping = kindOf(filled) === 'mapping'
  if (auth.ways.length === 0 && isMapping)
    report.add(where(), 'names no credential; accepted: jwt, apiKey and others, or false for anybody')
  for (const { kind, name } of auth.ways) {
    const at = isMapping ? where(kind) : where()
    const names = configured.get(kind) ?? []
    if (names.length === 0) report.add(at, `security does not configure ${kind}; accepted: ${possible(configured)}`)
    else if (name === undefined && names.length > 1)
      report.add(at, `security configures several, and none is named; accepted: { ${kind}: NAME } with ${names.join(', ')}`)
    else if (name !== undefined && !names.includes(name))
      report.add(at, `security.${kind} has no ${JSON.stringify(name)}; accepted: ${names.join(', ')}`)
  }
}

function possible(configured: ReturnType<typeof configuredWays>): string {
  const kinds = [...configured].flatMap(([kind, names]) => (names.length === 0 ? [] : [kind]))
  return kinds.length === 0 ? 'nothing as long as security has none' : kinds.join(', ')
}

function checkForward(filled: FilledAuth, where: Where, report: Report): void {
  const auth = resolveAuth(filled)
  if (auth === false) return
  const seen = new Map<string, string>()
  // A header that was refused is not there, whatever the type says.
  for (const [claim, header] of Object.entries<string | undefined>(auth.forward)) {
    if (header === undefined) continue
    const first = seen.get(header)
    seen.set(header, claim)
    if (reserved.has(header) || header.startsWith('x-forwarded-'))
      report.add(where('forward', claim), `${header} has a meaning of its own; accepted: another header, such as x-user-id`)
    else if (first !== undefined)
      report.add(where('forward', claim), `${header} tells ${first} already; accepted: a header of its own for each claim`)
  }
}
