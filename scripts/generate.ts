import { mkdirSync, writeFileSync } from 'node:fs'
import { jsonSchemaText } from '../config/json-schema.ts'
import { configurationPage } from './configuration-page.ts'
import { errorsPage } from './errors-page.ts'

/** Every file that is written by `npm run generate` and checked in: a test fails when one is stale. */
export const generated: readonly { readonly file: string; text(): string }[] = [
  { file: 'config/gateway.schema.json', text: jsonSchemaText },
  { file: 'docs/configuration.md', text: configurationPage },
  { file: 'docs/errors.md', text: errorsPage }
]

if (import.meta.main) {
  mkdirSync(new URL('../docs/', import.meta.url), { recursive: true })
  for (const { file, text } of generated) writeFileSync(new URL(`../${file}`, import.meta.url), text())
}
