import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const longest = 250
const longestPlugin = 100

interface Source {
  /** From the root, such as `src/forward/answer.ts`. */
  readonly file: string
  readonly lines: number
  /** Without comments. */
  readonly code: string
  /** Files from the root for relative imports, package names for others. */
  readonly imports: readonly string[]
}

const sources = globSync(['src/**/*.ts', 'plugins/**/*.ts', 'routes/**/*.ts', 'config/**/*.ts'], { cwd: root }).map(read)

function read(file: string): Source {
  const text = readFileSync(path.join(root, file), 'utf8')
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '')
  const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(match => match[1] ?? '')
  const imports = specifiers.map(name => (name.startsWith('.') ? path.join(path.dirname(file), name) : name))
  return { file, lines: text.split('\n').length - 1, code, imports }
}

/** `forward` for src/forward/answer.ts; undefined for files directly in src/ and for everything else. */
const folderOf = (file: string) => /^src\/([^/]+)\//.exec(file)?.[1]

/** Folders that put things together or run beside the gateway, as the files directly in src/ do. */
const composers = new Set(['cli', 'demo'])
const policies = sources.filter(({ file }) => folderOf(file) !== undefined && !composers.has(folderOf(file) ?? ''))

function offenders(among: readonly Source[], offends: (source: Source, imported: string) => boolean): string[] {
  return among.flatMap(source =>
    source.imports.filter(each => offends(source, each)).map(each => `${source.file} imports ${each}`)
  )
}

test('there are sources to look at, and their imports are found', () => {
  assert.ok(policies.length > 40)
  const forwarder = sources.find(({ file }) => file === 'src/forward/forwarding.ts')
  assert.ok(forwarder?.imports.includes('node:http') && forwarder.imports.includes('src/model/errors.ts'))
})

test('folders of src/ know neither Fastify nor plugins, routes and configuration', () => {
  const outside = /^(fastify|@fastify\/.*|fastify-plugin|plugins\/.*|routes\/.*|config\/.*)$/
  assert.deepEqual(
    offenders(policies, (_source, imported) => outside.test(imported)),
    []
  )
})

test('a policy imports no other policy: they meet in src/model', () => {
  const shared = new Set(['model', 'time'])
  const foreign = offenders(policies, ({ file }, imported) => {
    const folder = folderOf(imported)
    return imported.startsWith('src/') && (folder === undefined || (folder !== folderOf(file) && !shared.has(folder)))
  })
  assert.deepEqual(foreign, [])
})

test('src/time imports nothing of the project, src/model only src/time', () => {
  const basis = policies.filter(({ file }) => /^src\/(time|model)\//.test(file))
  const upwards = offenders(basis, ({ file }, imported) => {
    const allowed = folderOf(file) === 'time' ? ['time'] : ['time', 'model']
    return imported.startsWith('src/') && !allowed.includes(folderOf(imported) ?? '')
  })
  assert.deepEqual(upwards, [])
})

test('plugins know the folders of src/, routes the plugins too, and neither what puts them together', () => {
  const attached = sources.filter(({ file }) => /^(plugins|routes)\//.test(file))
  const upwards = offenders(attached, ({ file }, imported) => {
    if (imported.startsWith('src/')) return folderOf(imported) === undefined || composers.has(folderOf(imported) ?? '')
    return file.startsWith('plugins/') && imported.startsWith('routes/')
  })
  assert.deepEqual(upwards, [])
})

test('configuration knows of src/ only the options beside each policy, and pure readers', () => {
  const configuration = sources.filter(({ file }) => file.startsWith('config/'))
  const known = /^src\/((?:[^/]+\/)+options|model\/[^/]+|routing\/path|security\/networks)\.ts$/
  assert.deepEqual(
    offenders(configuration, (_source, imported) => imported.startsWith('src/') && !known.test(imported)),
    []
  )
})

test('no clock, timer or chance in the folders of src/ but src/time', () => {
  const impure = /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval|setImmediate)\b|\bnew Date\(\)/
  const found = policies.filter(({ file, code }) => folderOf(file) !== 'time' && impure.test(code)).map(({ file }) => file)
  assert.deepEqual(found, [])
})

test('no state at module level that changes', () => {
  const mutable = policies.filter(({ code }) => /^(export )?(let|var) /m.test(code)).map(({ file }) => file)
  assert.deepEqual(mutable, [])
})

test(`a file is one concept: at most ${longest} lines, a plugin ${longestPlugin}`, () => {
  const limit = (file: string) => (file.startsWith('plugins/') && !file.startsWith('plugins/examples/') ? longestPlugin : longest)
  const long = sources.filter(({ file, lines }) => lines > limit(file)).map(({ file, lines }) => `${file}: ${lines}`)
  assert.deepEqual(long, [])
})

test('file names are kebab-case and say something', () => {
  const vague = /(^|\/)(utils?|helpers?|common|misc|manager|service)(\.|\/)/
  const bad = sources.map(({ file }) => file).filter(file => vague.test(file) || !/^[a-z0-9/.-]+$/.test(file))
  assert.deepEqual(bad, [])
})

test('default exports are for Fastify plugins alone', () => {
  const others = sources.filter(({ file, code }) => !/^(plugins|routes)\//.test(file) && /^export default /m.test(code))
  assert.deepEqual(
    others.map(({ file }) => file),
    []
  )
})

test('every package that is installed has its reason in docs/dependencies.md, and no other', () => {
  const read = (file: string) => readFileSync(path.join(root, file), 'utf8')
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  const rows = [...read('docs/dependencies.md').matchAll(/^\| ((?:@|[a-z])\S*) +\|/gm)].map(([, name]) => name)
  assert.deepEqual(
    rows.filter(name => name !== 'package').sort(),
    [...Object.keys(dependencies), ...Object.keys(devDependencies)].sort()
  )
})
