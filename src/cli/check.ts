import { relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { formatProblem, type Problem } from '../../config/problem.ts'
import { findConfig, readConfig } from '../../config/read.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { Io } from './io.ts'

const usage = `Usage: evergate check [-c FILE] [--json]

Checks a configuration and prints every problem with its place.

  -c, --config FILE  the configuration (gateway.yaml, then config/gateway.yaml)
      --json         prints the result as JSON
  -h, --help         prints this

Exit code: 0 it can be used, 1 it has problems, 2 wrong usage.
`

interface Wanted {
  readonly file: string
  readonly json: boolean
}

/** `evergate check`. 0 for a configuration that can be used, 1 for one with problems, 2 for wrong usage. */
export async function check(args: string[], io: Io): Promise<number> {
  const wanted = wantedOf(args, io)
  if (typeof wanted === 'number') return wanted
  const result = await readConfig(resolve(io.cwd, wanted.file), io.env)
  const named = (problem: Problem): Problem => ({ ...problem, file: wanted.file })
  if (!result.ok) {
    const problems = result.problems.map(named)
    io.stdout(wanted.json ? json({ ok: false, file: wanted.file, problems }) : lines(problems.map(formatProblem)))
    if (!wanted.json) io.stderr(`${wanted.file}: ${counted(problems.length, 'problem')}\n`)
    return 1
  }
  const warnings = result.warnings.map(named)
  const counts = countsOf(result.config)
  if (wanted.json) io.stdout(json({ ok: true, file: wanted.file, revision: result.config.revision, ...counts, warnings }))
  else {
    const marked = warnings.map(warning => formatProblem({ ...warning, message: `warning: ${warning.message}` }))
    io.stdout(lines([...marked, summary(wanted.file, counts, warnings.length)]))
  }
  return 0
}

function wantedOf(args: string[], io: Io): Wanted | number {
  try {
    const { values } = parseArgs({
      args,
      options: { config: { type: 'string', short: 'c' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } }
    })
    if (values.help) {
      io.stdout(usage)
      return 0
    }
    const found = values.config ?? foundIn(io.cwd)
    if (found !== undefined) return { file: found, json: values.json ?? false }
    io.stderr('evergate check: there is no gateway.yaml or config/gateway.yaml here; name the file with -c FILE\n')
    return 2
  } catch (error) {
    // parseArgs throws nothing but errors that name the wrong argument.
    io.stderr(`evergate check: ${(error as Error).message}\n${usage}`)
    return 2
  }
}

function foundIn(cwd: string): string | undefined {
  const path = findConfig(cwd)
  return path === undefined ? undefined : relative(cwd, path)
}

function countsOf({ routes, upstreams }: GatewayConfig): { routes: number; upstreams: number; targets: number } {
  const targets = upstreams.reduce((sum, upstream) => sum + upstream.targets.length, 0)
  return { routes: routes.length, upstreams: upstreams.length, targets }
}

function summary(file: string, counts: ReturnType<typeof countsOf>, warnings: number): string {
  const parts = [counted(counts.routes, 'route'), counted(counts.upstreams, 'upstream'), counted(counts.targets, 'target')]
  return `${file}: ${[...parts, counted(warnings, 'warning')].join(', ')}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function lines(all: readonly string[]): string {
  return all.map(line => `${line}\n`).join('')
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
