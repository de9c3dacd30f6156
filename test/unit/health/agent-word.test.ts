import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type AgentWord, heard, readAgentLine, refusalOf } from '../../../src/health/agent-word.ts'

describe('the line of an agent', () => {
  const lines: readonly [string, AgentWord][] = [
    ['75%', { weightShare: 0.75 }],
    ['0%', { weightShare: 0 }],
    ['150%', { weightShare: 1.5 }],
    ['up', { up: true }],
    ['UP 99%', { up: true, weightShare: 0.99 }],
    ['ready,up\t50%,maxconn:30', { mode: 'ready', up: true, weightShare: 0.5, maxConcurrent: 30 }],
    ['drain', { mode: 'drain' }],
    ['maint', { mode: 'maint' }],
    ['down', { up: false }],
    ['fail#disk full', { up: false, reason: 'disk full' }],
    ['stopped # by hand, up 100%', { up: false, reason: 'by hand, up 100%' }],
    ['down up', { up: true }],
    ['drain ready', { mode: 'ready' }],
    ['up # all is well', { up: true }],
    ['down#a\x1b[31mb', { up: false, reason: 'a [31mb' }],
    ['', {}],
    ['hello -5% % maxconn: maxconn:x 10000%', {}]
  ]
  for (const [line, word] of lines) test(JSON.stringify(line), () => assert.deepEqual(readAgentLine(line), word))

  test('a reason is cut where it is long', () => {
    assert.equal(readAgentLine(`down#${'x'.repeat(1000)}`).reason?.length, 200)
  })
})

describe('what an agent has said so far', () => {
  test('stays until it speaks of it again', () => {
    const word = heard(heard({}, { mode: 'drain', weightShare: 0.5 }), { weightShare: 0.7 })
    assert.deepEqual(word, { mode: 'drain', weightShare: 0.7 })
    assert.deepEqual(heard(word, { mode: 'ready' }), { mode: 'ready', weightShare: 0.7 })
  })

  test('a reason goes with the state that it was for', () => {
    const down = heard({}, { up: false, reason: 'disk full' })
    assert.deepEqual(heard(down, { weightShare: 0.5 }), { up: false, reason: 'disk full', weightShare: 0.5 })
    assert.deepEqual(heard(down, { up: false }), { up: false })
    assert.deepEqual(heard(down, { up: true }), { up: true })
  })

  test('says why its target gets nothing', () => {
    assert.equal(refusalOf({}), undefined)
    assert.equal(refusalOf({ mode: 'ready', up: true, weightShare: 0.1 }), undefined)
    assert.equal(refusalOf({ mode: 'drain', up: true }), 'agent: drain')
    assert.equal(refusalOf({ mode: 'maint', up: false }), 'agent: maint')
    assert.equal(refusalOf({ mode: 'ready', up: false }), 'agent: down')
    assert.equal(refusalOf({ up: false, reason: 'disk full' }), 'agent: down, disk full')
    assert.equal(refusalOf({ up: true, weightShare: 0 }), 'agent: weight 0%')
  })
})
