import { readFileSync, statSync } from 'node:fs'
import { type CredentialFile, problemText, readCredentialFile } from '../src/credentials/options.ts'
import type { CredentialKind, OwnLimit } from '../src/model/consumer.ts'
import { takesOwn } from '../src/model/rate-limit.ts'
import type { Draft } from './draft.ts'
import type { Report } from './report.ts'
import { limitsOf } from './resolve-route.ts'
import { resolveAuth } from './resolve-security.ts'
import { reasonOf } from './scalars/files.ts'

/** Files of credentials can be used as they are now, and a service is not told of a client what the gateway tells it. */
export function checkCredentials({ credentials, routes }: Draft, report: Report): void {
  const { apiKeys, basic, service } = credentials
  if (apiKeys !== undefined) {
    const file = checkFile('apiKeys', apiKeys.file, report)
    if (file !== undefined) lintOwnLimits(file.keys, 'apiKeys', 'apiKey', routes, report)
  }
  if (basic !== undefined) {
    const file = checkFile('basic', basic.file, report)
    if (file !== undefined) lintOwnLimits(file.users, 'basic', 'basic', routes, report)
  }
  for (const [index, name] of (service?.forwardHeaders ?? []).entries()) {
    if (!ownHeader.test(name)) continue
    report.add(
      ['security', 'service', 'forwardHeaders', index],
      `${name} is what the gateway itself says; accepted: any other header`
    )
  }
}

const ownHeader = /^(host|forwarded|x-forwarded-.*|expect)$/

function checkFile(kind: 'apiKeys' | 'basic', file: string, report: Report): CredentialFile | undefined {
  const path = ['security', kind, 'file']
  const read = textOf(file)
  if ('wrong' in read) {
    report.add(path, `${file} cannot be read: ${read.wrong}; \`evergate keys add\` makes one`)
    return undefined
  }
  const result = readCredentialFile(read.text)
  if (result.ok) return result.file
  for (const problem of result.problems) report.add(path, problemText(file, problem))
  return undefined
}

/** Warns of limits in a file that stand for those of no route. */
function lintOwnLimits(
  entries: ReadonlyMap<string, { readonly limit?: OwnLimit }>,
  section: 'apiKeys' | 'basic',
  kind: CredentialKind,
  routes: Draft['routes'],
  report: Report
): void {
  if (![...entries.values()].some(({ limit }) => limit !== undefined)) return
  const counts = routes.some(route => {
    const auth = resolveAuth(route?.auth)
    if (auth === false || !auth.ways.some(way => way.kind === kind)) return false
    return limitsOf(route?.rateLimit).some(limit => limit !== undefined && takesOwn(limit))
  })
  if (!counts)
    report.warn(
      ['security', section, 'file'],
      `has limits, which have no effect: no route that asks for ${kind} has a rateLimit by: consumer with a window, whose place they would take`
    )
}

function textOf(file: string): { readonly text: string } | { readonly wrong: string } {
  try {
    // Whoever opened a pipe would wait for ever.
    return statSync(file).isFile() ? { text: readFileSync(file, 'utf8') } : { wrong: 'it is no file' }
  } catch (error) {
    return { wrong: reasonOf(error) }
  }
}
