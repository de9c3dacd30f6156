import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblem, pathText } from '../../config/problem.ts'
import { configOf, problemsOf } from './reading.ts'

test('anchors, aliases and merge keys are followed to where something is written', () => {
  const text = `
upstreams:
  a: &base
    targets: [http://a]
    retry: { attempts: 0 }
  b:
    <<: *base
    targets: [http://b]
  c: *base
routes:
  - { prefix: /, split: { a: 1, b: 1, c: 1 } }
`
  assert.deepEqual(
    problemsOf(text).map(line => line.split('  ').slice(0, 2).join('  ')),
    [
      'g.yaml:5:24  upstreams.a.retry.attempts',
      'g.yaml:5:24  upstreams.b.retry.attempts',
      'g.yaml:5:24  upstreams.c.retry.attempts'
    ]
  )
  const { upstreams } = configOf(text.replace('attempts: 0', 'attempts: 4'))
  assert.deepEqual(
    upstreams.map(({ retry, targets }) => [retry.attempts, targets[0]?.id]),
    [
      [4, 'a:80'],
      [4, 'b:80'],
      [4, 'a:80']
    ]
  )
})

test('a file of aliases that would fill the memory is a problem', () => {
  const levels = Array.from({ length: 12 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(', ')}]`)
  assert.match(problemsOf(['l0: &l0 [x]', ...levels].join('\n'))[0] ?? '', /Excessive alias count/)
})

test('an unknown tag is a problem', () => {
  assert.match(problemsOf('admin: !secret x\n')[0] ?? '', /^g\.yaml:1:8 {2}Unresolved tag: !secret/)
})

test('problems come in the order of the file', () => {
  const problems = problemsOf('routes: [{ prefix: x }]\nadmn: 1\nlisten: x\n')
  assert.deepEqual(
    problems.map(line => line.split(':')[1]),
    ['1', '1', '2', '3']
  )
})

test('a problem is printed with the parts that are known', () => {
  assert.equal(formatProblem({ file: 'a', line: 1, column: 2, path: 'p', message: 'm' }), 'a:1:2  p  m')
  assert.equal(formatProblem({ file: 'a', path: '', message: 'm' }), 'a  m')
  assert.equal(formatProblem({ path: 'p', message: 'm' }), 'p  m')
  assert.equal(pathText(['a', 0, 'b-c', 'd e', 'f.g']), 'a[0].b-c["d e"]["f.g"]')
})
