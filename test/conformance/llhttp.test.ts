import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { gatewayTo } from '../support/gateway.ts'
import { strictRequests } from '../support/strict-requests.ts'
import { type WireServer, wireServer, wireTo } from '../support/wire.ts'

/** The requests that llhttp, Node's parser, is tested with: good ones and bad ones. They are not part of this repository. */
const corpus = path.resolve(
  process.env['EVERGATE_CORPORA'] ?? path.join(import.meta.dirname, '../../../shared/corpora'),
  'llhttp/requests.json'
)

interface Case {
  readonly id: string
  readonly raw: string
}

/** Answers every request that is complete, and keeps the connection. */
const upstreamOf = (t: Parameters<typeof wireServer>[0]): Promise<WireServer> =>
  wireServer(t, wire => {
    let answered = 0
    wire.socket.on('data', () => {
      const complete = countOf(wire.text)
      for (; answered < complete; answered++) wire.send('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
    })
  })

/** What is wrong with it is for the test to say, when all of it has come. */
function countOf(text: string): number {
  try {
    return strictRequests(text).length
  } catch {
    return 0
  }
}

test('whatever a client sends, what reaches a target is HTTP to the letter', {
  skip: existsSync(corpus) ? false : `needs ${corpus}, which is not part of a clone`
}, async t => {
  // It holds lists of cases in this form.
  const cases = JSON.parse(readFileSync(corpus, 'utf8')) as Case[]
  assert.ok(cases.length > 100)
  const service = await upstreamOf(t)
  const { port } = await gatewayTo(t, [service.url], {
    // So that every connection ends, whatever it waits for.
    timeouts: { headers: '150ms', keepAlive: '150ms' },
    group: { retry: { attempts: 1 } },
    route: { body: { timeout: '150ms' } }
  })
  const answers = await Promise.all(
    cases.flatMap(({ id, raw }) => {
      // As it is, and with the Host that many of them do not have.
      const named = raw.replace(/^(\S+ \S+ HTTP\/1\.1\r\n)(?!host:)/i, '$1Host: a\r\n')
      return [raw, named].map(async bytes => {
        const wire = await wireTo(t, port)
        wire.send(bytes)
        return { id, answer: await wire.all() }
      })
    })
  )
  for (const { id, answer } of answers) assert.doesNotMatch(answer, /^HTTP\/1\.1 50[0235]/m, `${id}: the gateway blames others`)
  for (const { text } of service.wires) assert.doesNotThrow(() => strictRequests(text), JSON.stringify(text))
  const reached = service.wires.reduce((sum, { text }) => sum + strictRequests(text).length, 0)
  assert.ok(reached > 50, `only ${reached} reached a target`)
  t.diagnostic(`${cases.length} requests, each also with a Host: ${reached} reached a target`)
})
