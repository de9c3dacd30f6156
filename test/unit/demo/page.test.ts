import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoPage } from '../../../src/demo/page.ts'

const gateway = 'http://127.0.0.1:8080'
const services = [
  { name: 'steady', pid: 4711, url: 'http://127.0.0.1:7101' },
  { name: 'flaky', pid: 4712, url: 'http://127.0.0.1:7103' }
]

test('the page names the addresses, the services, and commands that can be copied', () => {
  const page = demoPage({ gateway, admin: 'http://127.0.0.1:9901', services })
  for (const line of [
    '  curl http://127.0.0.1:8080/shop/',
    '  kill -9 4711',
    '  npx evergate bench http://127.0.0.1:8080/shop/ --duration 20s',
    '  curl http://127.0.0.1:9901/metrics        what Prometheus reads',
    '  steady  http://127.0.0.1:7101  pid 4711     answers at once'
  ]) {
    assert.ok(page.split('\n').includes(line), `${line}\nis missing in\n${page}`)
  }
})

test('without an admin listener the page says nothing of it', () => {
  assert.doesNotMatch(demoPage({ gateway, admin: undefined, services }), /admin|metrics|undefined/i)
})
