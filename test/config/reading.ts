import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parseConfig } from '../../config/parse.ts'
import { formatProblem, type Source } from '../../config/problem.ts'
import type { GatewayConfig, ParseResult } from '../../config/types.ts'
import { readYaml } from '../../config/yaml.ts'

type Env = NonNullable<Source['env']>

/** A configuration that is complete: other texts are put behind it. */
export const small = `upstreams: { api: { targets: [http://127.0.0.1:3000] } }
routes: [{ prefix: /, upstream: api }]
`

export function parseText(text: string, env: Env = {}, directory = '/nowhere'): ParseResult {
  const yaml = readYaml(text, 'g.yaml')
  return yaml.ok ? parseConfig(yaml.input, { file: 'g.yaml', directory, env, locate: yaml.locate }) : yaml
}

/** What `evergate check` prints of a configuration that is refused. */
export function problemsOf(text: string, env: Env = {}, directory?: string): string[] {
  const result = parseText(text, env, directory)
  assert.ok(!result.ok, 'the configuration has problems')
  return result.problems.map(formatProblem)
}

export function configOf(text: string, env: Env = {}, directory?: string): GatewayConfig {
  const result = parseText(text, env, directory)
  assert.ok(result.ok, result.ok ? '' : result.problems.map(formatProblem).join('\n'))
  return result.config
}

/** A directory with these files, which goes with the test. */
export async function directoryWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'evergate-config-'))
  t.after(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
  return directory
}
