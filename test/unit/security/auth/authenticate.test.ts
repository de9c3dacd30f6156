import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Authenticator, Identification, RefusalReason, RouteAuth } from '../../../../src/model/authenticator.ts'
import type { Consumer } from '../../../../src/model/consumer.ts'
import { authenticate } from '../../../../src/security/auth/authenticate.ts'
import { refusalOf } from '../../../../src/security/auth/challenge.ts'
import { showing } from '../jwt/requests.ts'
import { consumer } from './consumers.ts'

type Said = Identification | Promise<Identification>

const by = (said: Said, scheme = 'Bearer'): Authenticator => ({
  kind: 'jwt',
  challenge: reason =>
    scheme === '' ? undefined : `${scheme} realm="r"${reason === undefined ? '' : `, error="${errorOf(reason)}"`}`,
  identify: () => said
})
const errorOf = (reason: RefusalReason) => (reason === 'scope' ? 'insufficient_scope' : 'invalid_token')
const is = (who: Consumer): Identification => ({ kind: 'consumer', consumer: who })
const refused = (reason: RefusalReason): Identification => ({ kind: 'refused', reason })
const absent: Identification = { kind: 'absent' }

const asking = (authenticators: readonly Authenticator[], more: Partial<RouteAuth> = {}): RouteAuth => ({
  authenticators,
  require: 'any',
  scopes: [],
  claims: [],
  forward: [],
  observe: false,
  ...more
})

const decide = (said: readonly Said[], more: Partial<RouteAuth> = {}) =>
  authenticate(
    asking(
      said.map(each => by(each)),
      more
    ),
    showing({})
  )

const ann = consumer({ scopes: new Set(['a']) })
const shop = consumer({ name: 'shop', kind: 'apiKey', scopes: new Set(['b']), labels: { tier: 'gold' } })

describe('where any credential is enough', () => {
  test('the first consumer may pass, at once, and nobody after is asked', () => {
    const never: Authenticator = { ...by(absent), identify: () => assert.fail('asked') }
    const auth = asking([by(absent), by(refused('expired')), by(is(ann)), never])
    assert.deepEqual(authenticate(auth, showing({})), { kind: 'admitted', consumer: ann })
  })

  test('one that has to be waited for is', async () => {
    for (const first of [absent, Promise.resolve(absent), refused('invalid'), Promise.resolve(refused('invalid'))]) {
      const decision = decide([first, Promise.resolve(is(ann))])
      assert.ok(decision instanceof Promise)
      assert.deepEqual(await decision, { kind: 'admitted', consumer: ann })
    }
  })

  for (const [said, reason] of [
    [[absent, absent], 'missing'],
    [[refused('invalid'), absent], 'invalid'],
    [[refused('expired'), refused('invalid')], 'expired'],
    [[refused('malformed'), refused('unavailable')], 'unavailable']
  ] as const) {
    test(`of ${said.map(each => ('reason' in each ? each.reason : each.kind)).join(' and ')} is told: ${reason}`, () => {
      assert.deepEqual(decide(said), { kind: 'refused', reason, consumer: null })
    })
  }
})

describe('where all credentials are needed', () => {
  const all = { require: 'all' } as const

  test('one is not enough', async () => {
    assert.deepEqual(decide([is(ann), absent], all), { kind: 'refused', reason: 'missing', consumer: null })
    assert.deepEqual(decide([absent, is(ann)], all), { kind: 'refused', reason: 'missing', consumer: null })
    const later = decide([Promise.resolve(is(ann)), Promise.resolve(refused('expired'))], all)
    assert.deepEqual(await later, { kind: 'refused', reason: 'expired', consumer: null })
  })

  test('the consumer is the first, with what all of them allow', () => {
    const decision = decide([is(ann), is(shop)], { ...all, scopes: ['a', 'b'] })
    assert.ok(!(decision instanceof Promise) && decision.kind === 'admitted')
    assert.deepEqual([decision.consumer.name, [...decision.consumer.scopes]], ['ann', ['a', 'b']])
    assert.deepEqual(decision.consumer.labels, { tier: 'gold' })
  })

  test('the consumer has the first limit that one of them has', () => {
    const limitOf = (...limits: (number | undefined)[]) => {
      const consumers = limits.map(limit => (limit === undefined ? ann : { ...shop, limit: { limit, windowMs: 1000 } }))
      const decision = decide(consumers.map(is), all)
      return decision instanceof Promise ? decision : decision.consumer?.limit?.limit
    }
    assert.deepEqual([limitOf(undefined, 5), limitOf(3, 5), limitOf(undefined, undefined)], [5, 3, undefined])
  })
})

test('who has too few scopes is known, and refused', () => {
  assert.deepEqual(decide([is(ann)], { scopes: ['b'] }), { kind: 'refused', reason: 'scope', consumer: ann })
})

describe('who is refused is answered', () => {
  const auth = asking([by(absent), by(absent), by(absent, 'ApiKey'), by(absent, '')], { scopes: ['a', 'b'] })

  test('401 with a challenge for each scheme, without an error where nothing was shown', () => {
    assert.deepEqual(refusalOf(auth, 'missing'), {
      code: 'EG_UNAUTHENTICATED',
      headers: { 'www-authenticate': 'Bearer realm="r", ApiKey realm="r"' }
    })
    assert.equal(
      refusalOf(auth, 'expired').headers['www-authenticate'],
      'Bearer realm="r", error="invalid_token", ApiKey realm="r", error="invalid_token"'
    )
  })

  test('403 with the scopes that are needed', () => {
    const { code, headers } = refusalOf(asking([by(absent)], { scopes: ['a', 'b"\r\n'] }), 'scope')
    assert.equal(code, 'EG_FORBIDDEN')
    assert.equal(headers['www-authenticate'], 'Bearer realm="r", error="insufficient_scope", scope="a b"')
  })

  test('503 where nobody can say whether a credential is good', () => {
    assert.deepEqual(refusalOf(auth, 'unavailable'), { code: 'EG_AUTH_UNAVAILABLE', headers: { 'retry-after': '10' } })
  })
})

describe('credentials that are kept back', () => {
  const keeping = (said: Said, keepsBack: Authenticator['keepsBack']) => ({ ...by(said), keepsBack })
  const of = async (authenticators: readonly Authenticator[], more: Partial<RouteAuth> = {}) =>
    (await authenticate(asking(authenticators, { keepsBack: true, ...more }), showing({}))).keptBack

  test('are those that were good, and whose kind is kept back', async () => {
    const [one, two, three] = [{ header: 'one' }, { header: 'two' }, { header: 'three' }]
    assert.deepEqual(await of([keeping(refused('invalid'), one), keeping(is(ann), two), keeping(is(shop), three)]), [two])
    assert.deepEqual(await of([keeping(absent, one), by(is(ann))]), [])
    assert.deepEqual(
      await of([keeping(Promise.resolve(is(ann)), one), by(is(shop)), keeping(is(ann), three)], { require: 'all' }),
      [one, three]
    )
    assert.deepEqual(
      await of([keeping(is(ann), one)], { scopes: ['none'], observe: true }),
      [one],
      'also where a scope is missing'
    )
  })

  test('are not looked for where no kind is kept back', () => {
    assert.deepEqual(decide([is(ann)]), { kind: 'admitted', consumer: ann })
  })
})
