import assert from 'node:assert/strict'
import { rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openFile } from '../../../src/credentials/open-file.ts'
import type { CredentialEvent } from '../../../src/credentials/report.ts'
import { WatchedFile } from '../../../src/credentials/watched-file.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { temporary } from '../../support/temporary.ts'
import { until } from '../../support/until.ts'

async function watched(t: TestContext, text?: string) {
  const path = join(await temporary(t), 'keys.yaml')
  if (text !== undefined) await writeFile(path, text)
  const scheduler = new VirtualScheduler()
  const told: string[] = []
  const file = new WatchedFile(path, scheduler, { read: each => told.push(each), failed: why => told.push(`! ${why}`) })
  t.after(() => file.stop())
  /** Looks at it until this many things were told. */
  const after = async (count: number) => {
    await until(() => {
      scheduler.advance(500)
      return told.length >= count
    })
    return told
  }
  return { path, told, after, file, scheduler }
}

test('a file is read at once, and again when it has changed', async t => {
  const { path, told, after } = await watched(t, 'one')
  assert.deepEqual(told, ['one'])
  await writeFile(path, 'two, longer')
  assert.deepEqual(await after(2), ['one', 'two, longer'])
})

test('a file that another one is renamed to is read', async t => {
  const { path, after } = await watched(t, 'one')
  for (const [count, text] of [
    [2, 'two'],
    [3, 'six'],
    [4, 'ten']
  ] as const) {
    await writeFile(`${path}.tmp`, text)
    await rename(`${path}.tmp`, path)
    assert.equal((await after(count)).at(-1), text)
  }
})

test('a file that is still being written is not read half', async t => {
  const { path, told, after, scheduler } = await watched(t, 'one')
  let looks = 0
  const plan = scheduler.after
  scheduler.after = (ms, task) => {
    looks++
    return plan.call(scheduler, ms, task)
  }
  for (const part of ['two, ', 'two, three, ', 'two, three, four']) {
    await writeFile(path, part)
    const before = looks
    scheduler.advance(500)
    await until(() => looks > before)
  }
  assert.deepEqual(told, ['one'])
  assert.deepEqual(await after(2), ['one', 'two, three, four'])
})

test('a link that points to another file is read, as Kubernetes changes its secrets', async t => {
  const { path, after } = await watched(t, 'one')
  await writeFile(`${path}.2`, 'two')
  await symlink(`${path}.2`, `${path}.link`)
  await rename(`${path}.link`, path)
  assert.deepEqual(await after(2), ['one', 'two'])
})

test('a file that goes is told once, and read when it comes back', async t => {
  const { path, after } = await watched(t, 'one')
  await unlink(path)
  assert.deepEqual(await after(2), ['one', '! there is no such file'])
  await writeFile(path, 'two')
  assert.deepEqual(await after(3), ['one', '! there is no such file', 'two'])
})

test('a file that is not there at first is read when it comes', async t => {
  const { path, told, after } = await watched(t)
  assert.deepEqual(told, ['! there is no such file'])
  await writeFile(path, 'one')
  assert.deepEqual(await after(2), ['! there is no such file', 'one'])
})

test('a directory in its place is told', async t => {
  const { path, after } = await watched(t, 'one')
  await rm(path)
  const { mkdir } = await import('node:fs/promises')
  await mkdir(path)
  assert.deepEqual(await after(2), ['one', '! it is no file'])
})

test('nothing is looked at after it was stopped', async t => {
  const { scheduler, file } = await watched(t, 'one')
  const planned: number[] = []
  file.stop()
  const { after } = scheduler
  scheduler.after = (ms, task) => {
    planned.push(ms)
    return after.call(scheduler, ms, task)
  }
  scheduler.advance(10_000)
  assert.deepEqual(planned, [])
})

test('a broken file of credentials is reported with its place, and what was read before stays', async t => {
  const path = join(await temporary(t), 'keys.yaml')
  const hash = `sha256:${'0'.repeat(64)}`
  await writeFile(path, `keys: { a: { name: x, hash: "${hash}" } }\n`)
  const scheduler = new VirtualScheduler()
  const events: CredentialEvent[] = []
  let inUse: readonly string[] = []
  const close = openFile(path, { scheduler, report: event => events.push(event) }, ({ keys }) => {
    inUse = [...keys.keys()]
  })
  t.after(close)
  const reported = (count: number) =>
    until(() => {
      scheduler.advance(500)
      return events.length >= count
    })
  assert.deepEqual([inUse, events], [['a'], [{ kind: 'file-read', file: path, keys: 1, users: 0 }]])
  await writeFile(path, 'keys:\n  b: [\n')
  await reported(2)
  const [, broken] = events
  assert.ok(broken?.kind === 'file-refused')
  assert.deepEqual([inUse, broken.problem?.line], [['a'], 3])
  await writeFile(path, `keys: { b: { name: x, hash: "${hash}" } }\n`)
  await reported(3)
  assert.deepEqual(inUse, ['b'])
})
