import { parseArgs } from 'node:util'
import type { Question } from '../../routes/admin/explain.ts'
import { buildGateway } from '../app.ts'
import { type Explanation, explainRequest } from '../explain.ts'
import { monotonicClock } from '../time/clock.ts'
import type { Io } from './io.ts'
import { foundConfig, openConfig } from './open-config.ts'

const usage = `Usage: evergate explain METHOD URL [-H 'name: value']... [-c FILE] [--admin URL [--token TOKEN]] [--json]

Says which route a request takes and why the others do not, what is asked of it, and which targets may get it.

  -H, --header 'name: value'  a header field of the request; may be repeated
  -c, --config FILE           the configuration (gateway.yaml, then config/gateway.yaml)
      --admin URL             asks a running gateway, which knows how its targets are
      --token TOKEN           its admin token; EVERGATE_ADMIN_TOKEN says it without showing it to others on this machine
      --json                  prints the result as JSON
  -h, --help                  prints this

Exit code: 0 a route takes it, 1 none does and it is refused, 2 wrong usage.
`

/** `evergate explain`. */
export async function explain(args: string[], io: Io): Promise<number> {
  const wanted = wantedOf(args, io)
  if (typeof wanted === 'number') return wanted
  const explanation = wanted.admin === undefined ? await fromFile(wanted, io) : await fromGateway(wanted.admin, wanted, io)
  if (typeof explanation === 'number') return explanation
  const file = wanted.config ?? foundConfig(io)
  const source = wanted.admin ?? `${file}, which knows nothing of how the targets are (--admin URL asks a gateway)`
  io.stdout(wanted.json ? `${JSON.stringify(explanation, null, 2)}\n` : `${text(explanation)}\nBy ${source}\n`)
  return explanation.route === null ? 1 : 0
}

interface Wanted extends Question {
  readonly config: string | undefined
  readonly admin: string | undefined
  readonly token: string | undefined
  readonly json: boolean
}

function wantedOf(args: string[], io: Io): Wanted | number {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        header: { type: 'string', short: 'H', multiple: true },
        config: { type: 'string', short: 'c' },
        admin: { type: 'string' },
        token: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' }
      }
    })
    if (values.help) {
      io.stdout(usage)
      return 0
    }
    const [method, target, ...more] = positionals
    if (method === undefined || target === undefined || more.length > 0) throw new Error('a method and a URL are needed')
    if (!/^(\/|https?:\/\/)/.test(target)) throw new Error(`"${target}" is no URL; it begins with / or http://`)
    if (values.token !== undefined && values.admin === undefined) throw new Error('--token goes with --admin')
    const headers = Object.fromEntries((values.header ?? []).map(readHeader))
    return {
      method: method.toUpperCase(),
      target,
      headers,
      config: values.config,
      admin: values.admin,
      token: values.token ?? io.env['EVERGATE_ADMIN_TOKEN'],
      json: values.json ?? false
    }
  } catch (error) {
    io.stderr(`evergate explain: ${error instanceof Error ? error.message : error}\n${usage}`)
    return 2
  }
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':')
  if (colon < 1) throw new Error(`"${line}" is no header field; write 'name: value'`)
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
}

async function fromFile(wanted: Wanted, io: Io): Promise<Explanation | number> {
  const config = await openConfig('explain', wanted.config, io)
  if (typeof config === 'number') return config
  const gateway = await buildGateway({ ...config, plugins: [], routes: config.routes.map(route => ({ ...route, plugins: [] })) })
  try {
    return explainRequest(gateway.table, config, wanted, monotonicClock())
  } finally {
    await gateway.close()
  }
}

async function fromGateway(admin: string, { method, target, headers, token }: Wanted, io: Io): Promise<Explanation | number> {
  const query = new URLSearchParams({ method, url: target })
  for (const [name, value] of Object.entries(headers)) query.append('header', `${name}: ${value}`)
  try {
    const response = await fetch(new URL(`/api/explain?${query}`, admin), {
      headers: token ? { authorization: `Bearer ${token}` } : {}
    })
    if (response.status === 401) throw new Error('it wants its admin token, see --token')
    if (!response.ok) throw new Error(`it answered ${response.status}`)
    // The same program's own answer.
    return (await response.json()) as Explanation
  } catch (error) {
    io.stderr(`evergate explain: ${admin} cannot be asked: ${reasonOf(error)}\n`)
    return 1
  }
}

/** What fetch says of a failure is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && 'code' in error.cause ? `${error.cause.code}` : error.message
}

function text({ request, route, refused, others, policies, panic, targets, sent }: Explanation): string {
  const lines = [`${request.method} ${request.path}${request.host === '' ? '' : ` at ${request.host}`}`]
  if (route !== null) lines.push(`  takes route ${routeName(route)}`)
  if (refused !== null) lines.push(`  is answered ${refused.code}${refused.detail === '' ? '' : `: ${refused.detail}`}`)
  if (others.length > 0) lines.push('', 'Other routes')
  for (const other of others) lines.push(`  ${routeName(other.route)}: ${other.why}`)
  if (policies.length > 0) lines.push('', 'On its way', ...policies.map(policy => `  ${policy}`))
  if (targets.length > 0) lines.push('', 'Targets')
  for (const group of panic) lines.push(`  ${group} is in panic: too few pass, so checks and ejection are ignored`)
  for (const { upstream, id, eligible, why } of targets) lines.push(`  ${eligible ? 'yes' : 'no '}  ${upstream} ${id}: ${why}`)
  if (sent !== null) lines.push('', `Sent as ${sent.method} ${sent.path}`)
  return `${lines.join('\n')}\n`
}

function routeName(route: NonNullable<Explanation['route']>): string {
  const predicates = [route.host, route.methods?.join('|'), pairs(route.headers, ': '), pairs(route.query, '=')].filter(
    part => part
  )
  const line = route.line === undefined ? '' : ` (line ${route.line})`
  return `${route.path ?? route.prefix}${predicates.length === 0 ? '' : ` [${predicates.join(', ')}]`}${line}`
}

const pairs = (record: Readonly<Record<string, string>> | undefined, between: string) =>
  record &&
  Object.entries(record)
    .map(([name, value]) => name + between + value)
    .join(', ')
