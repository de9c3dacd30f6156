import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { type DemoServices, startDemoServices } from '../../src/cli/demo-services.ts'

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  // A server that listens on a host and port has an AddressInfo.
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

async function started(t: TestContext, restartAfterMs?: number) {
  const lines = new EventEmitter()
  const ports = await freePorts(3)
  const onLine = (text: string): void => void lines.emit('line', text)
  const demo = await startDemoServices({ ports, onLine, ...(restartAfterMs === undefined ? {} : { restartAfterMs }) })
  t.after(() => demo.stop())
  return { demo, lines, ports }
}

function urlOf(demo: DemoServices, name: string): string {
  const service = demo.services.find(one => one.name === name)
  assert.ok(service, `${name} runs`)
  return service.url
}

/** Resolves when a process that listens on this port has ended or closed the connection. */
async function connectionEnds(port: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  // A reset ends it as well, which once() would take for a failure.
  connect(port, '127.0.0.1')
    .on('error', () => {})
    .on('close', () => resolve())
  await promise
}

describe('the demo services', () => {
  test('answer who they are, at every path', async t => {
    const { demo } = await started(t)
    assert.deepEqual(
      demo.services.map(({ name }) => name),
      ['steady', 'slow', 'flaky']
    )
    const response = await fetch(`${urlOf(demo, 'steady')}/v2/items?a=1`)
    const answer = (await response.json()) as Record<string, unknown>
    assert.equal(response.status, 200)
    assert.deepEqual([answer['service'], answer['pid'], answer['path']], ['steady', demo.services[0]?.pid, '/v2/items?a=1'])
    assert.ok(!Number.isNaN(Date.parse(String(answer['at']))))
  })

  test('are healthy, echo what they get, and have a slow path', async t => {
    const { demo } = await started(t)
    const health = await fetch(`${urlOf(demo, 'flaky')}/health`)
    assert.deepEqual([health.status, await health.json()], [200, { service: 'flaky', status: 'ok' }])
    const echo = await fetch(`${urlOf(demo, 'slow')}/echo`, { method: 'PUT', body: 'hello', headers: { 'x-a': '1' } })
    const answer = (await echo.json()) as { method: string; body: string; headers: Record<string, string> }
    assert.deepEqual([answer.method, answer.body, answer.headers['x-a']], ['PUT', 'hello', '1'])
    const large = await fetch(`${urlOf(demo, 'steady')}/echo`, { method: 'POST', body: 'x'.repeat(70_000) })
    assert.equal(large.status, 413)
    const slow = await fetch(`${urlOf(demo, 'steady')}/slow`)
    assert.equal(slow.status, 200)
  })

  test('come back with another process when they are killed', async t => {
    const { demo, lines } = await started(t, 1)
    const before = demo.services[0]
    assert.ok(before)
    const back = new Promise<string>(resolve => lines.on('line', text => / is back/.test(text) && resolve(text)))
    const gone = once(lines, 'line')
    process.kill(before.pid, 'SIGKILL')
    assert.match(
      String((await gone)[0]),
      new RegExp(`^steady \\(pid ${before.pid}\\) is gone: SIGKILL; it comes back in 0.001 s$`)
    )
    const line = await back
    const after = demo.services.find(({ name }) => name === 'steady')
    assert.ok(after && after.pid !== before.pid)
    assert.equal(line, `steady is back, pid ${after.pid}`)
    assert.equal((await fetch(`${after.url}/health`)).status, 200)
  })

  test('stay away when that is wanted', async t => {
    const { demo, lines } = await started(t, Number.POSITIVE_INFINITY)
    const gone = once(lines, 'line')
    process.kill(demo.services[2]?.pid ?? 0, 'SIGKILL')
    assert.match(String((await gone)[0]), /flaky .* it stays away$/)
    assert.deepEqual(
      demo.services.map(({ name }) => name),
      ['steady', 'slow']
    )
  })

  test('stop at once, also while one waits to come back', async t => {
    const { demo, lines, ports } = await started(t, 3_600_000)
    const gone = once(lines, 'line')
    process.kill(demo.services[1]?.pid ?? 0, 'SIGKILL')
    await gone
    await demo.stop()
    for (const port of ports) await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
  })

  test('say which port is taken, and leave nothing behind', async t => {
    const ports = await freePorts(3)
    const other = createServer().listen(ports[1], '127.0.0.1')
    await once(other, 'listening')
    t.after(() => other.close())
    await assert.rejects(startDemoServices({ ports, onLine: assert.fail }), {
      message: `the demo service slow cannot start: port ${ports[1]} is taken: another process listens on it`
    })
    await assert.rejects(fetch(`http://127.0.0.1:${ports[0]}/`))
  })

  test('end with the process that started them', async () => {
    const ports = await freePorts(3)
    const script = new URL('demo-parent.ts', import.meta.url)
    const parent = fork(script, ports.map(String), { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    await once(parent, 'message')
    const ends = ports.map(connectionEnds)
    parent.kill('SIGKILL')
    await Promise.all(ends)
    for (const port of ports) await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
  })
})
