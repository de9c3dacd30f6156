import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TestScope } from '../../../src/testing.ts'
import { readTests } from './expectations.ts'
import { skipped } from './manifests.ts'
import { type Outcome, outcomes } from './outcomes.ts'

const bin = fileURLToPath(new URL('../../../node_modules/.bin', import.meta.url))
const page = new URL('../../../docs/conformance.md', import.meta.url)

/** Runs the suite and writes what came of it into docs/conformance.md, between its two marks and into its line of the table. */
async function report(): Promise<void> {
  if (skipped !== false) throw new Error(skipped)
  const closing: (() => Promise<void>)[] = []
  const scope: TestScope = { after: close => void closing.push(close) }
  const all: Outcome[] = []
  for await (const outcome of outcomes(scope)) all.push(outcome)
  for (const close of closing.toReversed()) await close()
  const text = readFileSync(page, 'utf8')
    .replace(
      /(<!-- gateway-api -->\n)[\s\S]*?(<!-- \/gateway-api -->)/,
      (_all, begin: string, end: string) => begin + section(all) + end
    )
    .replace(/^\| \[Gateway API\].*$/m, row(all))
  writeFileSync(page, text)
  execFileSync('biome', ['format', '--write', fileURLToPath(page)], {
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` }
  })
}

const of = (all: readonly Outcome[], kind: Outcome['kind']) => all.filter(each => each.kind === kind)

function row(all: readonly Outcome[]): string {
  const counts = (['passed', 'failed', 'pending', 'out'] as const).map(kind => of(all, kind).length)
  const [passed, failed, pending, out] = counts
  const waiting = pending === 0 ? '' : `, ${pending} wait for protocols to come`
  return `| [Gateway API](#kubernetes-gateway-api) | ${all.length} | ${passed} hold | n/a | n/a | ${failed} by design${waiting}, ${out} out of scope |`
}

function section(all: readonly Outcome[]): string {
  const without = readTests().filter(({ Cases }) => !Cases?.length)
  return `
| expectations | number |
| --- | --- |
| all | ${all.length} |
| in scope | ${all.length - of(all, 'out').length} |
| hold | ${of(all, 'passed').length} |
| do not hold | ${of(all, 'failed').length} |
| wait for something that is not there yet | ${of(all, 'pending').length} |
| out of scope | ${of(all, 'out').length} |

**Do not hold**

| expectation | why | seen |
| --- | --- | --- |
${of(all, 'failed')
  .map(each => `| ${each.test.Test}, ${each.at + 1}. | ${each.why ?? 'not known'} | ${cell((each.wrong ?? []).join('; '))} |`)
  .join('\n')}

**Wait**

${byReason(of(all, 'pending'))}
**Out of scope**

${byReason(of(all, 'out'))}
${without.length} more tests have no expectation of a request: they look at the status of objects, at addresses and infrastructure, or
do more than one request with code of their own (retries, WebSocket).

**Hold**

| test | of its expectations |
| --- | --- |
${perTest(all)}

`
}

function byReason(some: readonly Outcome[]): string {
  if (some.length === 0) return 'None.\n'
  const reasons = Map.groupBy(some, ({ why = '' }) => why)
  const rows = [...reasons].map(
    ([why, each]) => `| ${each.length} | ${why} | ${[...new Set(each.map(({ test }) => test.Test))].join(', ')} |`
  )
  return `| number | why | tests |\n| --- | --- | --- |\n${rows.join('\n')}\n`
}

function perTest(all: readonly Outcome[]): string {
  return [...Map.groupBy(all, ({ test }) => test.Test)]
    .map(([name, each]) => [name, of(each, 'passed').length, each.length] as const)
    .filter(([, passed]) => passed > 0)
    .map(([name, passed, total]) => `| ${name} | ${passed === total ? 'all' : passed} of ${total} |`.replace('all of ', 'all '))
    .join('\n')
}

const cell = (text: string) => text.replaceAll('|', '\\|')

await report()
