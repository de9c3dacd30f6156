import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorTable } from '../../../src/model/errors.ts'
import { grpcError, isGrpc } from '../../../src/model/grpc-answer.ts'

test('calls of gRPC are told by their content-type, whatever encodes their messages; grpc-web is another protocol', () => {
  for (const type of ['application/grpc', 'application/grpc+proto', 'Application/GRPC+json', 'application/grpc;x=y'])
    assert.equal(isGrpc(type), true)
  for (const type of [undefined, '', 'application/json', 'application/grpc-web', 'application/grpcx', 'x application/grpc'])
    assert.equal(isGrpc(type), false)
})

test('every error has a status of gRPC, and none is OK or unknown', () => {
  for (const code of Object.keys(errorTable) as (keyof typeof errorTable)[]) {
    const status = Number(grpcError(code)['grpc-status'])
    assert.ok(status > 2 && status <= 16, `${code}: ${status}`)
  }
  const status = (code: keyof typeof errorTable) => grpcError(code)['grpc-status']
  assert.deepEqual(
    [
      status('EG_UNAUTHENTICATED'),
      status('EG_FORBIDDEN'),
      status('EG_NO_ROUTE'),
      status('EG_RATE_LIMITED'),
      status('EG_TIMEOUT')
    ],
    ['16', '7', '12', '14', '4']
  )
})

test('the message is percent-encoded: nothing in it is a field of its own', () => {
  assert.equal(grpcError('EG_NO_ROUTE')['grpc-message'], 'EG_NO_ROUTE: No route matches')
  assert.equal(grpcError('EG_NO_ROUTE', 'a%b\r\nc: \u00e4~ ')['grpc-message'], 'EG_NO_ROUTE: a%25b%0D%0Ac: %C3%A4~ ')
})
