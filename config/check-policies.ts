import { readBodyExpectation, readStatuses } from '../src/health/options.ts'
import { requestKey } from '../src/model/request-key.ts'
import { type Draft, whereWritten } from './draft.ts'
import { kindOf, valueAt } from './node.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'
import type { FilledUpstream } from './resolve-upstream.ts'

type Where = (...keys: string[]) => Path

/** Texts inside a group's policies that stand for something else can be read, and a breaker needs a failure to open. */
export function checkPolicies({ input, upstreams }: Draft, report: Report): void {
  for (const [name, upstream] of upstreams) {
    const own = valueAt(valueAt(input, 'upstreams'), name)
    if (kindOf(own) !== 'mapping') continue
    const where: Where = (...keys) => whereWritten(input, ['upstreams', name], own, ...keys)
    checkHealth(upstream.health, where, report)
    checkBalance(upstream.balance, where, report)
    checkBreaker(upstream.breaker, where, report)
  }
}

/** What was refused before is not there, whatever the type says. */
function checkHealth(health: FilledUpstream['health'] | undefined, where: Where, report: Report): void {
  if (health === undefined || health === false) return
  const { expect, body } = health
  if (expect !== undefined && readStatuses(expect) === undefined)
    report.add(
      where('health', 'expect'),
      `"${expect}" is no list of statuses; accepted: statuses and ranges, such as 200-299,401`
    )
  if (body !== undefined && readBodyExpectation(body) === undefined)
    report.add(
      where('health', 'body'),
      `"${body}" is no regular expression; accepted: a text, or an expression between slashes such as /ok|ready/i`
    )
}

const keys = 'ip, path, cookie:NAME, header:NAME or query:NAME'

function checkBalance(balance: FilledUpstream['balance'], where: Where, report: Report): void {
  if (typeof balance === 'string') return
  const { by }: { by?: string } = balance
  if (by !== undefined && requestKey(by) === undefined)
    report.add(where('balance', 'by'), `"${by}" is nothing that requests can be placed by; accepted: ${keys}`)
}

function checkBreaker(breaker: FilledUpstream['breaker'], where: Where, report: Report): void {
  if (breaker === false) return
  const wrong = '0 would open the breaker when nothing has failed; accepted: above 0, at most 1'
  if (breaker.failureShare === 0) report.add(where('breaker', 'failureShare'), wrong)
  const { group }: { group?: typeof breaker.group } = breaker
  if (group !== undefined && group !== false && group.failureShare === 0)
    report.add(where('breaker', 'group', 'failureShare'), wrong)
}
