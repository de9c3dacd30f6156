import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { generated } from '../scripts/generate.ts'

for (const { file, text } of generated) {
  test(`${file} is up to date`, () => {
    const written = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
    assert.ok(written === text(), `${file} is stale: run npm run generate`)
  })
}
