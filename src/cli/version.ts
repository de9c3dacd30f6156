import { existsSync, readFileSync } from 'node:fs'

/** As package.json has it, which is one folder further up when this runs from dist/. */
export const version = readVersion()

function readVersion(): string {
  const file = ['../../package.json', '../../../package.json']
    .map(path => new URL(path, import.meta.url))
    .find(url => existsSync(url))
  if (file === undefined) return 'unknown'
  const parsed: { version?: string } = JSON.parse(readFileSync(file, 'utf8'))
  return parsed.version ?? 'unknown'
}
