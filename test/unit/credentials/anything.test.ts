import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf } from '../../../src/credentials/api-key.ts'
import { ApiKeys } from '../../../src/credentials/api-keys.ts'
import { Basic } from '../../../src/credentials/basic.ts'
import type { Grant } from '../../../src/credentials/credential-file.ts'
import { ForwardAuth } from '../../../src/credentials/forward-auth.ts'
import { Introspection } from '../../../src/credentials/introspection.ts'
import { decoyHash } from '../../../src/credentials/password.ts'
import type { Random } from '../../../src/time/random.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'
import { showing } from './shown.ts'

const grant: Grant = {
  name: 'a',
  createdAt: undefined,
  expiresAt: Number.POSITIVE_INFINITY,
  revoked: false,
  scopes: [],
  labels: {}
}
const key = `a.${'s'.repeat(32)}`

/** Pieces of what is right, and of what is not, in any order. */
const pieces = [
  key,
  'a',
  '.',
  ' ',
  ':',
  '=',
  ',',
  '%00',
  '&k=',
  '?',
  '\0',
  '\n',
  '\xff',
  '\ud800',
  '__proto__',
  'YTpi',
  'Basic ',
  'bearer ',
  'ApiKey '
]
const anything = (random: Random) => Array.from({ length: below(random, 6) }, () => oneOf(random, pieces)).join('')

test('whatever a request shows, something comes of it, and only the right thing lets in', async t => {
  const random = seeded(t, 20_261_121)
  const keys = new ApiKeys({ header: 'x-api-key', query: 'k', authorization: true, realm: 'api', passOn: true }, () => 0)
  keys.use({ keys: new Map([['a', { ...grant, digest: digestOf('s'.repeat(32)) }]]) })
  const users = new Basic(
    { realm: 'api', passOn: true },
    { clock: () => 0, wallClock: () => 0, compare: async password => password === 'b' }
  )
  users.use({ users: new Map([['a', { ...grant, password: { ...decoyHash(), text: 'x' } }]]) })
  const answers = [
    undefined,
    '',
    '{}',
    '[]',
    'null',
    '{"active":false}',
    '{"active":1}',
    '{"active":true,"exp":"x"}',
    '{"active":true'
  ]
  const remote = {
    ask: async () => {
      const text = oneOf(random, answers)
      return text === undefined ? undefined : { status: oneOf(random, [100, 301, 401, 403, 500]), headers: {}, text }
    },
    failed: () => undefined,
    succeeded: () => {}
  }
  const url = 'http://a/'
  const issuer = new Introspection(
    { url, clientId: 'a', clientSecret: 'b', timeout: 1, cache: 1, realm: 'api', passOn: true },
    { remote, clock: () => 0, wallClock: () => 0 }
  )
  const service = new ForwardAuth({ url, timeout: 1, forwardHeaders: ['cookie'], nameHeader: 'x', responseHeaders: [] }, remote)
  let letIn = 0
  for (let i = 0; i < 5000; i++) {
    const headers = { authorization: anything(random), 'x-api-key': anything(random), cookie: anything(random) }
    const shown = {
      ...(random() < 0.5 && { authorization: headers.authorization }),
      ...(random() < 0.5 && { 'x-api-key': headers['x-api-key'] }),
      cookie: headers.cookie
    }
    const request = showing(shown, { search: random() < 0.5 ? '' : `?k=${anything(random)}` })
    for (const each of [issuer, service]) assert.notEqual((await each.identify(request)).kind, 'consumer')
    const byPair = await users.identify(request)
    if (byPair.kind === 'consumer') assert.match(shown.authorization ?? '', /^basic +YTpi$/i)
    const byKey = keys.identify(request)
    if (byKey.kind !== 'consumer') continue
    letIn++
    const { authorization = '', 'x-api-key': inHeader } = shown
    const inQuery = new URLSearchParams(request.search).getAll('k')
    assert.ok([inHeader, ...inQuery, authorization.replace(/^apikey +/i, '')].includes(key))
  }
  assert.ok(letIn > 0)
})
