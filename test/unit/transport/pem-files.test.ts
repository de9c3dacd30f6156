import assert from 'node:assert/strict'
import { rename, symlink, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import type { TestScope } from '../../../src/testing.ts'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { PemFiles } from '../../../src/transport/pem-files.ts'
import { temporary } from '../../support/temporary.ts'

async function following(t: TestScope, use?: (texts: readonly string[]) => void) {
  const directory = await temporary(t)
  const cert = path.join(directory, 'cert.pem')
  const key = path.join(directory, 'key.pem')
  await writeFile(cert, 'cert 1\n')
  await writeFile(key, 'key 1\n')
  const used: (readonly string[])[] = []
  const refused: string[] = []
  const taken: (readonly string[])[] = []
  const files = new PemFiles({
    scheduler: new VirtualScheduler(),
    taken: names => taken.push(names),
    refused: (_files, why) => refused.push(why)
  })
  files.follow([{ pem: 'cert 1', file: cert }, { pem: 'key 1', file: key }, { pem: 'given' }], texts => {
    use?.(texts)
    used.push(texts)
  })
  const looks = async (count: number) => {
    for (let each = 0; each < count; each++) await files.look()
  }
  return { directory, cert, key, files, used, refused, taken, looks }
}

test('files that stay as they were read are not told of', async t => {
  const { looks, used } = await following(t)
  await looks(4)
  assert.deepEqual(used, [])
})

test('a change is told once, when two looks have seen it', async t => {
  const { looks, used, taken, cert, key } = await following(t)
  await looks(3)
  await writeFile(cert, 'cert 2\n')
  await looks(1)
  assert.deepEqual(used, [])
  await writeFile(key, 'key 2\n')
  await looks(1)
  assert.deepEqual(used, [])
  await looks(4)
  assert.deepEqual(used, [['cert 2', 'key 2', 'given']])
  assert.deepEqual(taken, [[cert, key]])
})

test('a file that changed before anybody looked is told of', async t => {
  const { looks, used, cert } = await following(t)
  await writeFile(cert, 'cert 2')
  await looks(2)
  assert.deepEqual(used, [['cert 2', 'key 1', 'given']])
})

test('a link that leads to another file is a change, and so is another file of the same size', async t => {
  const { looks, used, cert, directory } = await following(t)
  await looks(2)
  await writeFile(path.join(directory, 'a'), 'cert A')
  await symlink(path.join(directory, 'a'), path.join(directory, 'link'))
  await rename(path.join(directory, 'link'), cert)
  await looks(2)
  await writeFile(path.join(directory, 'b'), 'cert B')
  await symlink(path.join(directory, 'b'), path.join(directory, 'link'))
  await rename(path.join(directory, 'link'), cert)
  await looks(2)
  assert.deepEqual(
    used.map(([text]) => text),
    ['cert A', 'cert B']
  )
})

test('what cannot be read or used is told once, and the next change is tried again', async t => {
  const { looks, used, refused, cert } = await following(t, ([text]) => {
    if (text === 'bad') throw new Error('it is bad')
  })
  await looks(2)
  await unlink(cert)
  await looks(4)
  assert.equal(refused.length, 1)
  assert.match(refused[0] ?? '', /ENOENT/)
  await writeFile(cert, 'bad')
  await looks(4)
  assert.deepEqual(refused.slice(1), ['it is bad'])
  await writeFile(cert, 'cert 1')
  await looks(4)
  await writeFile(cert, 'good')
  await looks(4)
  assert.deepEqual(
    used.map(([text]) => text),
    ['good']
  )
  assert.equal(refused.length, 2)
})

test('what was given as text has nothing to look at', async () => {
  const files = new PemFiles({ scheduler: new VirtualScheduler() })
  files.follow([{ pem: 'x' }], () => assert.fail('nothing can change'))
  files.start()
  await files.look()
  files.stop()
})

test('once it is stopped nothing is looked at', async t => {
  const scheduler = new VirtualScheduler()
  const files = new PemFiles({ scheduler })
  files.follow([{ pem: 'x', file: path.join(await temporary(t), 'none') }], () => {})
  files.start()
  files.stop()
  t.mock.method(files, 'look', () => assert.fail('it looks'))
  scheduler.advance(10_000)
})
