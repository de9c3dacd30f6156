import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../config/parse.ts'
import { readYaml } from '../../config/yaml.ts'

const root = path.resolve(import.meta.dirname, '../..')
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'plugins/*.md', 'routes/*.md'], { cwd: root })
const textOf = (page: string) => readFileSync(path.join(root, page), 'utf8')

/** What stands in fences of a language. */
const snippets = (page: string, language: string) =>
  [...textOf(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(match => match[1] ?? '')

test('links lead to files that are there', () => {
  const broken = pages.flatMap(page =>
    [...textOf(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(match => match[1] ?? '')
      .filter(link => !/^https?:/.test(link) && !existsSync(path.join(root, path.dirname(page), link)))
      .map(link => `${page}: ${link}`)
  )
  assert.deepEqual(broken, [])
})

test('source files that are named are there', () => {
  const named = /`((?:bin|config|src|plugins|routes|test|scripts|bench)\/[\w./-]+\.(?:ts|js|yaml|json|md))`/g
  const gone = pages.flatMap(page =>
    [...textOf(page).matchAll(named)]
      .filter(([, file = '']) => !existsSync(path.join(root, file)))
      .map(([, file]) => `${page}: ${file}`)
  )
  assert.deepEqual(gone, [])
})

/** What snippets begin with that are no configuration: other files, and what stands inside a group. */
const otherFiles = /^(keys|users|groups|health):/

/** The groups that a part of a configuration names, and a route where it has none. */
function completed(text: string): string {
  const groups = new Set([...text.matchAll(/\bupstream: ([\w-]+)/g)].map(([, name]) => name))
  const upstreams = [...groups].map(name => `${name}: { targets: [http://10.0.0.1] }`).join(', ')
  return [
    text,
    /^upstreams:/m.test(text) ? [] : `upstreams: { ${upstreams} }`,
    /^routes:/m.test(text) ? [] : 'routes: [{ prefix: /, respond: { status: 204 } }]'
  ]
    .flat()
    .join('\n')
}

test('configurations that are shown, whole or in part, have no problem', () => {
  const shown = pages.flatMap(page =>
    snippets(page, 'yaml')
      .filter(text => !otherFiles.test(text))
      .map(text => ({ page, text }))
  )
  assert.ok(shown.length > 1)
  for (const { page, text } of shown) {
    const yaml = readYaml(completed(text), page)
    const result = yaml.ok ? parseConfig(yaml.input, {}) : yaml
    const problems = result.ok
      ? []
      : result.problems.filter(({ message }) => !/cannot be read: there is no such file/.test(message))
    assert.deepEqual(problems, [], `${page}: ${text}`)
  }
})
