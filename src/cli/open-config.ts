import { relative, resolve } from 'node:path'
import { formatProblem } from '../../config/problem.ts'
import { findConfig, readConfig } from '../../config/read.ts'
import type { GatewayConfig } from '../../config/types.ts'
import type { Io } from './io.ts'

/** The configuration that lies here, as it is called from here; undefined where none does. */
export function foundConfig({ cwd }: Io): string | undefined {
  const found = findConfig(cwd)
  return found === undefined ? undefined : relative(cwd, found)
}

/** The configuration named by `-c`, or the one that lies here; an exit code when there is none, or it has problems, which are printed. */
export async function openConfig(command: string, named: string | undefined, io: Io): Promise<GatewayConfig | number> {
  const file = named ?? foundConfig(io)
  if (file === undefined) {
    io.stderr(`evergate ${command}: there is no gateway.yaml or config/gateway.yaml here; name the file with -c FILE\n`)
    return 2
  }
  const result = await readConfig(resolve(io.cwd, file), io.env)
  if (!result.ok) {
    for (const problem of result.problems) io.stderr(`${formatProblem({ ...problem, file })}\n`)
    return 1
  }
  for (const warning of result.warnings)
    io.stderr(`${formatProblem({ ...warning, file, message: `warning: ${warning.message}` })}\n`)
  return result.config
}
