import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { TestScope } from '../../src/testing.ts'
import { temporary } from './temporary.ts'

const folders = [...(process.env['PATH'] ?? '').split(path.delimiter), path.join(homedir(), 'go/bin')]
/** The program, from PATH or `~/go/bin`; undefined where it is not there. */
export const h2spec = folders.map(folder => path.join(folder, 'h2spec')).find(file => existsSync(file))

/** What became of each case, by section and title. */
export type Results = ReadonlyMap<string, 'passed' | 'skipped' | 'failed'>

/** Runs all cases, or those of some sections, against a port. */
export async function runH2spec(t: TestScope, port: number, secure: boolean, sections: readonly string[] = []): Promise<Results> {
  if (h2spec === undefined) throw new Error('h2spec is not there')
  const report = path.join(await temporary(t), 'report.xml')
  const tls = secure ? ['-t', '-k'] : []
  // It ends with 1 where a case has failed.
  await promisify(execFile)(h2spec, ['-h', '127.0.0.1', '-p', String(port), '-j', report, ...tls, ...sections]).catch(() => {})
  const cases = (await readFile(report, 'utf8')).matchAll(
    /<testcase package="([^"]*)" classname="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g
  )
  return new Map(
    [...cases].map(([, section, title, inside = '']) => {
      const result = /<failure|<error/.test(inside) ? 'failed' : inside.includes('<skipped') ? 'skipped' : 'passed'
      return [`${section} ${title}`, result] as const
    })
  )
}

export const passedOf = (results: Results) => [...results.values()].filter(result => result === 'passed').length
