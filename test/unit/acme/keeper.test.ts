import assert from 'node:assert/strict'
import { readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, test } from 'node:test'
import { type Authority, AuthorityError } from '../../../src/acme/authority.ts'
import { Challenges } from '../../../src/acme/challenges.ts'
import { CertificateKeeper } from '../../../src/acme/keeper.ts'
import { AcmeStorage } from '../../../src/acme/storage.ts'
import type { TestScope } from '../../../src/testing.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { certificate } from '../../support/certificate.ts'
import { temporary } from '../../support/temporary.ts'

const minute = 60_000
const day = 24 * 60 * minute

/** Keepers of one storage, an authority that issues what it is given, and a clock that stands at the first day of 2026. */
async function setup(t: TestScope) {
  const directory = await temporary(t)
  const clock = { now: Date.UTC(2026, 0, 1) }
  const issued: ({ cert: string; key: string } | Error)[] = []
  const said: string[] = []
  let orders = 0
  const authority: Authority = {
    newAccountKey: async () => 'account',
    issue: async () => {
      orders++
      const next = issued.shift() ?? new Error('nothing to issue')
      if (next instanceof Error) throw next
      return next
    },
    close: async () => {}
  }
  const terms = { directory: 'https://ca.example', domains: ['a.example'], storage: directory }
  const keeper = () => {
    const storage = new AcmeStorage(directory, () => clock.now)
    return new CertificateKeeper(terms, {
      storage,
      authority,
      board: new Challenges([storage]).board(storage),
      scheduler: new VirtualScheduler(),
      wallClock: () => clock.now,
      random: () => 0,
      told: {
        ordering: () => void said.push('ordering'),
        taken: (_domains, _until, from) => void said.push(`taken from ${from}`),
        failed: (_domains, why, ms) => void said.push(`failed: ${why}; ${ms / minute} min`)
      }
    })
  }
  return { directory, clock, issued, said, keeper, orders: () => orders }
}

const until = (to: string) => certificate({ names: ['a.example'], from: '260101', to })

describe('a keeper of a certificate', () => {
  test('orders one, and the next when a third of its time is left; the old one is shown until then', async t => {
    const { clock, issued, said, keeper, orders } = await setup(t)
    const [first, second] = [until('260331'), until('260630')]
    issued.push(first, second)
    const one = keeper()
    await one.look()
    assert.deepEqual(one.current, first)
    clock.now += 59 * day
    await one.look()
    assert.equal(orders(), 1)
    clock.now += 2 * day
    await one.look()
    assert.deepEqual(one.current, second)
    assert.deepEqual(said, ['ordering', 'taken from authority', 'ordering', 'taken from authority'])
  })

  test('asks again after growing pauses, also when it is started anew, and goes on with the old one', async t => {
    const { clock, issued, keeper, orders } = await setup(t)
    const first = until('260331')
    issued.push(first)
    const one = keeper()
    await one.look()
    clock.now += 70 * day
    for (const [tries, pause] of [1, 3, 9].entries()) {
      await keeper().look()
      assert.equal(orders(), 2 + tries)
      clock.now += pause * minute - 1
      await one.look()
      await keeper().look()
      assert.equal(orders(), 2 + tries, `not within ${pause} minutes`)
      clock.now += 1
    }
    assert.deepEqual(one.current, first)
  })

  test('leaves an authority alone as long as it asks for, and begins anew after a success', async t => {
    const { clock, issued, said, keeper, orders } = await setup(t)
    issued.push(new AuthorityError('too many', 60 * minute))
    const one = keeper()
    await one.look()
    assert.equal(said.at(-1), 'failed: too many; 60 min')
    clock.now += 59 * minute
    await one.look()
    assert.equal(orders(), 1)
    issued.push(until('260110'), new Error('once'))
    clock.now += minute
    await one.look()
    clock.now += 8 * day
    await one.look()
    assert.equal(said.at(-1), 'failed: once; 1 min')
  })

  test('takes what another has put into the storage, and orders nothing while another does', async t => {
    const { directory, issued, said, keeper, orders } = await setup(t)
    issued.push(until('260331'))
    const [one, two] = [keeper(), keeper()]
    const changes: string[] = []
    two.onChange(() => changes.push('changed'))
    await Promise.all([one.look(), two.look()])
    assert.equal(orders(), 1)
    // Whichever of them was later.
    await one.look()
    await two.look()
    assert.ok(two.current !== undefined && one.current !== undefined)
    assert.equal(changes.length, 1)
    assert.ok(said.includes('taken from storage'))
    assert.deepEqual(
      (await readdir(directory)).filter(name => /lock|new|failures/.test(name)),
      []
    )
  })

  test('does not show what is of no use, from wherever it comes', async t => {
    const { directory, issued, said, keeper } = await setup(t)
    issued.push(certificate({ names: ['b.example'] }), { cert: until('260331').cert, key: until('260331').key })
    const one = keeper()
    await one.look()
    assert.match(said.at(-1) ?? '', /does not have the name a\.example/)
    assert.equal(one.current, undefined)
    const good = until('260331')
    issued.splice(0, 1, good)
    const two = await setup(t)
    two.issued.push(good)
    const other = two.keeper()
    await other.look()
    const [file = ''] = (await readdir(two.directory)).filter(name => name.endsWith('.pem'))
    await writeFile(path.join(two.directory, file), 'nonsense')
    await other.look()
    assert.deepEqual(other.current, good)
    assert.match(two.said.at(-1) ?? '', /failed: the storage: /)
    assert.ok(directory !== two.directory)
  })

  test('asks no authority where its storage cannot be written', async t => {
    const { directory, said, keeper, orders } = await setup(t)
    // Permissions would not do: a test that runs as root may write anywhere.
    await rm(directory, { recursive: true })
    await writeFile(directory, 'no directory')
    await keeper().look()
    assert.equal(orders(), 0)
    assert.match(said.at(-1) ?? '', /EEXIST|ENOTDIR/)
  })
})

test('a lock that a process left behind is taken after a while', async t => {
  const directory = await temporary(t)
  const clock = { now: Date.now() }
  const storage = new AcmeStorage(directory, () => clock.now)
  const terms = { directory: 'https://ca.example', domains: ['a.example'], storage: directory }
  assert.ok((await storage.lock(terms)) !== undefined)
  assert.equal(await storage.lock(terms), undefined)
  clock.now += 16 * minute
  const unlock = await storage.lock(terms)
  assert.ok(unlock !== undefined)
  await unlock()
  assert.deepEqual(await readdir(directory), [])
})

test('a challenge is answered for tokens of orders that run, by every gateway of the storage, and for nothing else', async t => {
  const directory = await temporary(t)
  const storage = new AcmeStorage(directory, Date.now)
  const [one, two] = [new Challenges([storage]), new Challenges([new AcmeStorage(directory, Date.now)])]
  const board = one.board(storage)
  const token = 'abcdefghijklmnop-_'
  const at = `/.well-known/acme-challenge/${token}`
  await board.put(token, 'proof')
  for (const each of [one, two]) assert.equal(await each.answer('GET', at), 'proof')
  assert.equal(await two.answer('HEAD', at), 'proof')
  assert.equal(one.answer('POST', at), undefined)
  for (const other of ['/x', `${at}?a`, `${at}/`, '/.well-known/acme-challenge/..%2f..%2fetc', '/.well-known/acme-challenge/'])
    assert.equal(one.answer('GET', other), undefined, other)
  assert.equal(await one.answer('GET', '/.well-known/acme-challenge/0000000000000000'), undefined)
  await board.remove(token)
  for (const each of [one, two]) assert.equal(await each.answer('GET', at), undefined)
  await assert.rejects(board.put('../x', 'proof'), /no|none/)
})
