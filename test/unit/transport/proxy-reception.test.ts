import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { VirtualScheduler } from '../../../src/time/scheduler.ts'
import { receiveProxyHeader } from '../../../src/transport/proxy-reception.ts'

test('a connection that is gone before it is looked at is nobody that is not trusted', () => {
  const gone = new Socket()
  receiveProxyHeader(gone, {
    scheduler: new VirtualScheduler(),
    timeoutMs: 1000,
    trusted: () => false,
    refused: reason => assert.fail(reason),
    accept: () => assert.fail('it is taken')
  })
  assert.ok(gone.destroyed)
})
