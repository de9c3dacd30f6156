import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseConfig } from './parse.ts'
import type { Problem } from './problem.ts'
import { reasonOf } from './scalars/files.ts'
import type { ParseResult } from './types.ts'
import { readYaml } from './yaml.ts'

const LARGEST_BYTES = 32 * 1024 * 1024

/**
 * Reads a configuration file by its ending: .yaml, .yml, .json, or a module (.ts, .mts, .js, .mjs) whose default export it is.
 * `env` is what `${NAME}` reads. Everything that is wrong, a missing file too, is a problem of the result; it never rejects.
 */
export async function readConfig(file: string, env: Readonly<Record<string, string | undefined>>): Promise<ParseResult> {
  const path = resolve(file)
  const text = await readText(path)
  if ('wrong' in text) return failed(file, text.wrong)
  const source = { file, directory: dirname(path), env }
  switch (extname(path)) {
    case '.yaml':
    case '.yml':
    case '.json': {
      if (text.text.trim() === '') return failed(file, 'is empty; accepted: a mapping with upstreams, routes and more')
      const yaml = readYaml(text.text, file)
      return yaml.ok ? parseConfig(yaml.input, { ...source, locate: yaml.locate }) : yaml
    }
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs': {
      const module = await importDefault(path, text.text)
      return 'wrong' in module ? failed(file, module.wrong) : parseConfig(module.input, source)
    }
    default:
      return failed(file, 'has an unknown ending; accepted: .yaml, .yml, .json, .ts, .mts, .js, .mjs')
  }
}

/** The configuration that is used when none is named: gateway.yaml, then config/gateway.yaml. */
export function findConfig(cwd: string): string | undefined {
  return ['gateway.yaml', join('config', 'gateway.yaml')].map(name => join(cwd, name)).find(path => existsSync(path))
}

async function readText(path: string): Promise<{ readonly text: string } | { readonly wrong: string }> {
  try {
    const { size } = await stat(path)
    if (size > LARGEST_BYTES) return { wrong: 'is larger than 32mb' }
    return { text: await readFile(path, 'utf8') }
  } catch (error) {
    return { wrong: `cannot be read: ${reasonOf(error)}` }
  }
}

/** The query makes Node load the file again when it has changed; what it imports itself stays loaded. */
async function importDefault(path: string, text: string): Promise<{ readonly input: unknown } | { readonly wrong: string }> {
  const version = createHash('sha256').update(text).digest('hex').slice(0, 12)
  const url = `${pathToFileURL(path).href}?version=${version}-${randomUUID()}`
  try {
    const module: unknown = await import(url)
    const input = await Object(module).default
    if (input === undefined) return { wrong: 'has no default export; accepted: export default defineConfig({ ... })' }
    return { input }
  } catch (error) {
    return { wrong: `cannot be loaded: ${reasonOf(error)}` }
  }
}

function failed(file: string, message: string): ParseResult {
  const problem: Problem = { file, path: '', message }
  return { ok: false, problems: [problem] }
}
