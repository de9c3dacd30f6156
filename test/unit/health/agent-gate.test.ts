import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AgentGate } from '../../../src/health/agent-gate.ts'
import { readAgentLine } from '../../../src/health/agent-word.ts'
import { Agents } from '../../../src/health/agents.ts'
import type { Check } from '../../../src/health/check.ts'
import type { AgentResult } from '../../../src/health/checks/agent.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { target } from '../fixtures/targets.ts'

const a = target('a')
const b = target('b')
const spec = { port: 7000, interval: 1000, timeout: 500 }

/** A gate whose agents say what stands in `lines`, by the host of their target; undefined: they are not there. */
function agents() {
  const scheduler = new VirtualScheduler()
  const lines = new Map<string, string | undefined>()
  const asked: string[] = []
  const open = (url: string): Check<AgentResult> => ({
    run(done) {
      asked.push(url)
      const line = lines.get(url)
      done(
        line === undefined
          ? { ok: false, failure: 'refused', text: 'connection refused' }
          : { ok: true, word: readAgentLine(line) }
      )
      return () => {}
    },
    close() {}
  })
  const registry = new Agents({ scheduler, random: seededRandom(2), open })
  const gateOf = (...targets: (typeof a)[]) => new AgentGate(targets, spec, registry)
  const say = ({ url }: typeof a, line: string | undefined) => {
    lines.set(url, line)
    scheduler.advance(1500)
  }
  return { scheduler, asked, gateOf, say }
}

describe('the gate of agents', () => {
  test('refuses a target that drains until its agent says ready, and admits it then', () => {
    const { gateOf, say } = agents()
    const gate = gateOf(a, b)
    const turns: string[] = []
    gate.onChange(({ id }, state) => turns.push(`${id} ${state}`))
    gate.start()
    say(a, 'drain')
    assert.deepEqual([gate.quiet, gate.refusal(a), gate.refusal(b)], [false, 'agent: drain', undefined])
    assert.deepEqual([gate.isDrained(a), gate.isDrained(b)], [true, false])
    say(a, '80%')
    assert.equal(gate.refusal(a), 'agent: drain')
    say(a, 'ready')
    assert.deepEqual([gate.quiet, gate.refusal(a), gate.weightShare(a)], [true, undefined, 0.8])
    assert.deepEqual(turns, ['a failing', 'a passing'])
  })

  test('an agent that is silent refuses nobody, and changes nothing', () => {
    const { gateOf, say } = agents()
    const gate = gateOf(a)
    gate.start()
    say(a, undefined)
    assert.deepEqual([gate.quiet, gate.weightShare(a)], [true, 1])
    assert.deepEqual(gate.agentOf(a), { word: {}, silence: 'connection refused' })
    say(a, 'down#disk full')
    say(a, undefined)
    assert.deepEqual([gate.refusal(a), gate.isDrained(a)], ['agent: down, disk full', false])
    assert.deepEqual(gate.agentOf(a)?.silence, 'connection refused')
  })

  test('tells of the load that a weight stands for', () => {
    const { gateOf, say } = agents()
    const gate = gateOf(a)
    const told: unknown[] = []
    gate.onVector(({ id }, vector) => told.push([id, vector]))
    gate.start()
    say(a, 'up')
    assert.deepEqual(told, [])
    say(a, '75%')
    assert.deepEqual(told[0], ['a', { cpu: 0.25 }])
    say(a, '200%')
    assert.deepEqual(told.at(-1), ['a', { cpu: 0 }])
    const before = told.length
    say(a, undefined)
    assert.equal(told.length, before)
  })

  test('asks one agent once for all groups, until the last has stopped', () => {
    const { gateOf, say, asked, scheduler } = agents()
    const one = gateOf(a)
    const other = gateOf(a, b)
    one.start()
    other.start()
    say(a, 'drain')
    assert.deepEqual([one.refusal(a), other.refusal(a)], ['agent: drain', 'agent: drain'])
    const late = gateOf(a)
    late.start()
    assert.deepEqual([late.quiet, late.refusal(a)], [false, 'agent: drain'])
    const inSecond = () => {
      asked.length = 0
      scheduler.advance(10_000)
      return asked.filter(url => url === a.url).length
    }
    const shared = inSecond()
    assert.ok(shared >= 8 && shared <= 12, `${shared}`)
    one.stop()
    other.stop()
    late.stop()
    assert.deepEqual([inSecond(), one.quiet], [0, true])
  })
})
