import assert from 'node:assert/strict'
import test from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { parseText } from './reading.ts'

function warningsOf(text: string): string[] {
  const result = parseText(text)
  assert.ok(result.ok, result.ok ? '' : result.problems.map(formatProblem).join('\n'))
  return result.warnings.map(formatProblem)
}

test('attempts that may take longer than the route are warned of', () => {
  const text = `
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b], timeouts: { response: 2500ms } } }
routes:
  - { prefix: /, upstream: a }
  - { prefix: /short, upstream: a, timeout: 14s }
  - { prefix: /once, upstream: a, timeout: 14s, retry: { attempts: 2 } }
  - { prefix: /split, split: { a: 1, b: 1 }, timeout: 7s, retry: { attempts: 1 } }
  - { prefix: /b, upstream: b, timeout: 2s, retry: { attempts: 1 } }
`
  assert.deepEqual(warningsOf(text), [
    'g.yaml:5:45  routes[1].timeout  3 attempts at a of 5s each may take 15s, and the route ends after 14s',
    'g.yaml:8:41  routes[4].timeout  one attempt at b may take 2500ms, and the route ends after 2s'
  ])
})

test('what nothing uses is warned of', () => {
  const text = `
upstreams: { a: { targets: [http://a] }, b: { targets: [http://b] } }
routes: [{ prefix: /, upstream: a, plugins: [used] }]
plugins: [{ use: used, routes: named }, { use: left, routes: named }, { use: everywhere }]
`
  assert.deepEqual(warningsOf(text), [
    'g.yaml:2:45  upstreams.b  no route uses this upstream',
    'g.yaml:4:41  plugins[1]  no route lists the plugin left, and routes: named runs it nowhere else'
  ])
})
