import { readFileSync, statSync } from 'node:fs'
import { problemText, readCredentialFile } from '../src/credentials/options.ts'
import type { Draft } from './draft.ts'
import type { Report } from './report.ts'
import { reasonOf } from './scalars/files.ts'

/** Files of credentials can be used as they are now, and a service is not told of a client what the gateway tells it. */
export function checkCredentials({ credentials }: Draft, report: Report): void {
  const { apiKeys, basic, service } = credentials
  if (apiKeys !== undefined) checkFile('apiKeys', apiKeys.file, report)
  if (basic !== undefined) checkFile('basic', basic.file, report)
  for (const [index, name] of (service?.forwardHeaders ?? []).entries()) {
    if (!ownHeader.test(name)) continue
    report.add(
      ['security', 'service', 'forwardHeaders', index],
      `${name} is what the gateway itself says; accepted: any other header`
    )
  }
}

const ownHeader = /^(host|forwarded|x-forwarded-.*|expect)$/

function checkFile(kind: 'apiKeys' | 'basic', file: string, report: Report): void {
  const path = ['security', kind, 'file']
  const read = textOf(file)
  if ('wrong' in read) {
    report.add(path, `${file} cannot be read: ${read.wrong}; \`evergate keys add\` makes one`)
    return
  }
  const result = readCredentialFile(read.text)
  if (!result.ok) for (const problem of result.problems) report.add(path, problemText(file, problem))
}

function textOf(file: string): { readonly text: string } | { readonly wrong: string } {
  try {
    // Whoever opened a pipe would wait for ever.
    return statSync(file).isFile() ? { text: readFileSync(file, 'utf8') } : { wrong: 'it is no file' }
  } catch (error) {
    return { wrong: reasonOf(error) }
  }
}
