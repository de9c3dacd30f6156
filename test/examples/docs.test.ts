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

test('configurations that are shown have no problem', () => {
  const shown = pages.flatMap(page =>
    snippets(page, 'yaml')
      .filter(text => /^upstreams:/m.test(text))
      .map(text => ({ page, text }))
  )
  assert.ok(shown.length > 1)
  for (const { page, text } of shown) {
    const yaml = readYaml(text, page)
    const result = yaml.ok ? parseConfig(yaml.input, {}) : yaml
    assert.deepEqual(result.ok ? [] : result.problems, [], page)
  }
})
