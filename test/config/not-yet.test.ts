import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, problemsOf } from './reading.ts'

const inGroup = (text: string): string =>
  `upstreams:\n  a:\n    targets: [http://a]\n    ${text}\nroutes: [{ prefix: /, upstream: a }]\n`
const atTop = (text: string): string => `${text}\n`

const refused: readonly [(text: string) => string, string, string][] = [
  [atTop, 'workers: 2', 'g.yaml:1:10  workers'],
  [atTop, 'workers: auto', 'g.yaml:1:10  workers'],
  [atTop, 'tracing: { otlp: http://c }', 'g.yaml:1:10  tracing'],
  [atTop, 'alerts: [{ webhook: http://c }]', 'g.yaml:1:9  alerts'],
  [inGroup, 'discovery: { dns: a }', 'g.yaml:4:16  upstreams.a.discovery']
]
for (const [frame, text, place] of refused) {
  test(`refused until it exists: ${text}`, () => {
    assert.deepEqual(problemsOf(frame(text)), [`${place}  not available yet`])
  })
}

test('what turns a feature off is accepted before the feature exists', () => {
  const config = configOf(`
workers: 1
store: memory
tracing: false
alerts: []
security: { allow: [], deny: [] }
listen: { address: 127.0.0.1:80, proxyProtocol: false }
upstreams:
  a:
    targets: [http://a]
    protocol: http1
routes:
  - { prefix: /, upstream: a, mode: enforce, cors: false, mirror: false, cache: false, compress: false, auth: false, redirect: false }
`)
  assert.equal(config.routes.length, 1)
})
