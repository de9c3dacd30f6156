import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, test } from 'node:test'
import { cacheStores } from 'undici'
import { AnswerStore, type Backing } from '../../../src/cache/answer-store.ts'
import { Flights } from '../../../src/cache/flights.ts'
import { type Purge, type Purgeable, Purges } from '../../../src/cache/purges.ts'
import { asked, kept } from './asking.ts'

const broken: (Error | undefined)[] = []
const storeOn = (backing: Backing) =>
  new AnswerStore({ backing, purges: new Purges(), purged: () => {}, broken: error => broken.push(error) })
const put = (store: AnswerStore, ask: ReturnType<typeof asked>, names: readonly string[], body: string) => {
  const far = Date.now() + 60_000
  const entry = { ...kept({ 'cache-control': 'max-age=60' }, body), deleteAt: far, staleAt: far }
  return new Promise<void>(stored => store.put(ask, names, entry, stored))
}
const text = (store: AnswerStore, ask: ReturnType<typeof asked>) => store.find(ask).entry?.body.toString()

for (const [name, make] of [
  ['memory', () => new cacheStores.MemoryCacheStore()],
  ['disk', () => new cacheStores.SqliteCacheStore({ location: ':memory:' })]
] as const) {
  describe(`a store in ${name}`, () => {
    test('finds what was put for the same address, variant and selecting fields', async () => {
      const store = storeOn(make())
      const german = asked({ headers: { 'accept-language': 'de' } })
      await put(store, german, ['accept-language'], 'hallo')
      assert.equal(text(store, german), 'hallo')
      assert.deepEqual(store.find(asked()), { entry: undefined, known: true })
      for (const other of [{ path: '/x' }, { search: '?x' }, { site: 'http://b.test' }, { upstream: 'b' }])
        assert.deepEqual(store.find({ ...german, ...other }), { entry: undefined, known: false })
      assert.equal(text(store, { ...german, variant: 'ann' }), undefined)
    })

    test('selects by all fields that were ever named for an address', async () => {
      const store = storeOn(make())
      const both = asked({ headers: { a: '1', b: '2' } })
      await put(store, both, ['a'], 'one')
      await put(store, both, ['b'], 'two')
      assert.equal(text(store, both), 'two')
      assert.equal(text(store, asked({ headers: { a: '1' } })), undefined)
    })

    test('forgets all answers of an address at once', async () => {
      const store = storeOn(make())
      for (const variant of ['ann', 'bob']) await put(store, asked({ variant }), [], variant)
      store.drop(asked())
      for (const variant of ['ann', 'bob']) assert.equal(text(store, asked({ variant })), undefined)
      await put(store, asked({ variant: 'ann' }), [], 'new')
      assert.equal(text(store, asked({ variant: 'bob' })), undefined)
    })

    test('cannot be told another address by a strange host', async () => {
      const store = storeOn(make())
      await put(store, asked({ site: 'http://a.test//b', path: '/c' }), [], 'strange')
      assert.equal(text(store, asked({ path: '//b/c' })), undefined)
    })
  })
}

test('a store that throws, now or later, keeps nothing, and says so once until it keeps something again', async () => {
  let fails = true
  const inner = new cacheStores.MemoryCacheStore()
  const store = storeOn({
    get: key => {
      if (fails) throw new Error('no read')
      return inner.get(key)
    },
    createWriteStream: (key, value) =>
      fails ? new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) }) : inner.createWriteStream(key, value),
    delete: () => {
      throw new Error('no delete')
    }
  })
  broken.length = 0
  assert.equal(text(store, asked()), undefined)
  await put(store, asked(), [], 'x')
  store.drop(asked())
  assert.deepEqual(
    broken.map(error => error?.message),
    ['no read']
  )
  fails = false
  await put(store, asked(), [], 'x')
  assert.equal(text(store, asked()), 'x')
  assert.deepEqual(broken.slice(1), [undefined])
})

describe('a purge', () => {
  const at = (storedAt: number, more: Partial<Purgeable> = {}): Purgeable => ({
    upstream: 'shop',
    path: '/a/b',
    search: '?x',
    tags: ['red'],
    storedAt,
    ...more
  })
  const all: readonly Purge[] = [
    { kind: 'all', value: '' },
    { kind: 'path', value: '/a/b' },
    { kind: 'path', value: '/a/b?x' },
    { kind: 'prefix', value: '/a' },
    { kind: 'tag', value: 'red' }
  ]
  for (const purge of all) {
    test(`of ${purge.kind} ${purge.value} concerns what was stored before, in its upstream`, () => {
      const purges = new Purges()
      purges.add({ ...purge, upstream: 'other' }, 20)
      assert.equal(purges.has(at(5)), false)
      purges.add(purge, 10)
      assert.deepEqual([purges.has(at(9)), purges.has(at(10)), purges.has(at(11))], [true, true, false])
      const again = new Purges(JSON.parse(JSON.stringify(purges.list())))
      assert.deepEqual([again.has(at(10)), again.has(at(11))], [true, false])
    })
  }

  test('of anything else does not', () => {
    const purges = new Purges()
    for (const purge of [
      { kind: 'path', value: '/a' },
      { kind: 'prefix', value: '/b' },
      { kind: 'tag', value: 'blue' }
    ] as const)
      purges.add(purge, 10)
    assert.equal(purges.has(at(5)), false)
  })

  test('is never lost among many: the older become one of everything before them', () => {
    const purges = new Purges()
    for (let i = 1; i <= 10_000; i++) purges.add({ kind: i % 7 === 0 ? 'prefix' : 'tag', value: `/${i}` }, i)
    assert.ok(purges.list().length <= 2001)
    assert.equal(purges.has(at(1, { path: '/none', tags: ['/3'] })), true)
    assert.equal(purges.has(at(9_998, { path: '/none', tags: ['/9999'] })), true)
    assert.equal(purges.has(at(9_999, { path: '/none', tags: ['/9998'] })), false)
  })
})

test('requests for the same: one flies, the others wait until it lands, and not again where that was in vain', () => {
  const flights = new Flights(2)
  const landed: string[] = []
  const land = flights.begin('a')
  assert.equal(flights.begin('a'), undefined)
  assert.deepEqual([flights.joinable('a'), flights.joinable('b')], [true, false])
  flights.join('a', how => landed.push(`one ${how}`))
  const leave = flights.join('a', how => landed.push(`two ${how}`))
  leave()
  land?.('in-vain')
  land?.('kept')
  assert.deepEqual(landed, ['one in-vain'])
  const again = flights.begin('a')
  assert.equal(flights.joinable('a'), false)
  again?.('kept')
  flights.begin('a')
  assert.equal(flights.joinable('a'), true)
})
