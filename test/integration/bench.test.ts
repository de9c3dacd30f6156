import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { describe, type TestContext, test } from 'node:test'
import { bench } from '../../src/cli/bench.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

async function upstream(t: TestContext, handler: Handler): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  // A server that listens on a host and port has an AddressInfo.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function run(...args: string[]) {
  let stdout = ''
  let stderr = ''
  const io = {
    stdout: (text: string) => {
      stdout += text
    },
    stderr: (text: string) => {
      stderr += text
    },
    env: {},
    cwd: process.cwd()
  }
  const code = await bench(args, io)
  return { code, stdout, stderr }
}

describe('evergate bench', () => {
  test('sends what it is told and reports in JSON', async t => {
    const seen: string[] = []
    const url = await upstream(t, async (request, response) => {
      const chunks = await request.toArray()
      seen.push(`${request.method} ${request.url} ${request.headers['x-a']} ${Buffer.concat(chunks)}`)
      response.end('ok')
    })
    const { code, stdout } = await run(
      `${url}/a?b=c`,
      '--rate',
      '50',
      '--duration',
      '200ms',
      '-H',
      'x-a: 1',
      '--body',
      'hello',
      '--json'
    )
    assert.equal(code, 0)
    const report = JSON.parse(stdout)
    assert.equal(report.sent, 10)
    assert.deepEqual(report.statuses, { '2xx': 10 })
    assert.deepEqual(new Set(seen), new Set(['POST /a?b=c 1 hello']))
    assert.equal(seen.length, 10)
  })

  test('answers 1 and names each kind of failure', async t => {
    let count = 0
    const url = await upstream(t, (request, response) => {
      count++
      if (count % 3 === 0) request.socket.destroy()
      else response.writeHead(count % 3 === 1 ? 200 : 503).end()
    })
    const { code, stdout } = await run(url, '--rate', '100', '--duration', '300ms', '--connections', '1')
    assert.equal(code, 1)
    assert.match(stdout, /2xx +10 +33\.33 %/)
    assert.match(stdout, /5xx +10 +33\.33 %/)
    assert.match(stdout, /reset +10 +33\.33 % +the connection broke/)
  })

  test('answers 1 when nobody listens', async t => {
    const url = await upstream(t, () => {})
    const { code, stdout } = await run(url.replace(/\d+$/, '1'), '--rate', '50', '--duration', '100ms')
    assert.equal(code, 1)
    assert.match(stdout, /nothing was answered/)
    assert.match(stdout, /refused +5 +100 %/)
  })

  test('ends with the report so far on SIGINT', async t => {
    const url = await upstream(t, (_request, response) => {
      response.end()
      if (process.listenerCount('SIGINT') > 0) process.emit('SIGINT')
    })
    const { code, stdout } = await run(url, '--duration', '1h', '--json')
    const report = JSON.parse(stdout)
    assert.ok(report.seconds < 3600)
    assert.ok(report.sent >= 1)
    assert.equal(code, report.good ? 0 : 1)
    assert.equal(process.listenerCount('SIGINT'), 0)
  })

  test('runs a closed loop', async t => {
    const sockets = new Set<Socket>()
    const url = await upstream(t, (request, response) => {
      sockets.add(request.socket)
      response.end()
    })
    const { code, stdout } = await run(url, '--closed', '3', '--duration', '200ms')
    assert.equal(code, 0)
    assert.equal(sockets.size, 3)
    assert.match(stdout, /closed loop of 3 connections for 0\.2 s/)
  })

  for (const [args, what] of [
    [[], /a URL is missing/],
    [['nonsense'], /"nonsense" is no URL/],
    [['https://127.0.0.1/'], /accepted: http:/],
    [['http://127.0.0.1/', '--rate', 'fast'], /--rate is a number/],
    [['http://127.0.0.1/', '--duration', '2h'], /--duration is a time/],
    [['http://127.0.0.1/', '--closed', '1.5'], /--closed is a whole number/],
    [['http://127.0.0.1/', '-H', 'nonsense'], /-H takes 'name: value'/],
    [['http://127.0.0.1/', '--body', '@/does/not/exist'], /cannot be read/],
    [['http://127.0.0.1/', 'http://127.0.0.1/'], /one URL at a time/],
    [['--fast'], /Unknown option '--fast'/]
  ] as const) {
    test(`answers 2 to: ${args.join(' ') || 'nothing'}`, async () => {
      const { code, stdout, stderr } = await run(...args)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.match(stderr, what)
    })
  }

  test('says what it can do', async () => {
    const { code, stdout } = await run('--help')
    assert.equal(code, 0)
    assert.match(stdout, /evergate bench URL/)
  })
})
