import assert from 'node:assert/strict'
import { type EventEmitter, once } from 'node:events'
import { type Client, Metadata, type StatusObject, status } from '@grpc/grpc-js'
import { channelOptions, credentialsFor } from '../grpc.ts'
import type { Input, InputSize, Output, OutputRequest, SimpleRequest, SimpleResponse } from './messages.ts'
import { TestService, UnimplementedService } from './server.ts'

const requestSizes = [27_182, 8, 1828, 45_904]
const answerSizes = [31_415, 9, 2653, 58_979]
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)
const zeros = (size: number) => ({ body: Buffer.alloc(size) })

interface Unary {
  readonly answer: unknown
  readonly initial: Metadata | undefined
  readonly status: StatusObject
}

/** A client of the interoperability services at a URL. */
export class Interop {
  readonly #test: Client
  readonly #other: Client

  constructor(url: string) {
    this.#test = new TestService(new URL(url).host, credentialsFor(url), channelOptions)
    this.#other = new UnimplementedService(new URL(url).host, credentialsFor(url), channelOptions)
  }

  close(): void {
    this.#test.close()
    this.#other.close()
  }

  call(name: 'EmptyCall' | 'UnaryCall' | 'UnimplementedCall', message: SimpleRequest = {}, metadata = new Metadata()) {
    return unary(this.#test, name, message, metadata)
  }

  foreign() {
    return unary(this.#other, 'UnimplementedCall', {}, new Metadata())
  }

  input(metadata = new Metadata()) {
    const answer = Promise.withResolvers<InputSize | undefined>()
    const { path, requestSerialize, responseDeserialize } = methodOf('StreamingInputCall')
    const call = this.#test.makeClientStreamRequest<Input, InputSize>(
      path,
      requestSerialize,
      responseDeserialize,
      metadata,
      (_error, came) => answer.resolve(came)
    )
    const ended = statusOf(call)
    return { call, answer: answer.promise, ended }
  }

  output(message: OutputRequest) {
    const { path, requestSerialize, responseDeserialize } = methodOf('StreamingOutputCall')
    return this.#test.makeServerStreamRequest<OutputRequest, Output>(path, requestSerialize, responseDeserialize, message)
  }

  duplex(metadata = new Metadata(), options = {}) {
    const { path, requestSerialize, responseDeserialize } = methodOf('FullDuplexCall')
    return this.#test.makeBidiStreamRequest<OutputRequest, Output>(path, requestSerialize, responseDeserialize, metadata, options)
  }
}

/** Its messages are those of interop.proto, which the definition does not tell TypeScript. */
function methodOf(name: string) {
  const definition = TestService.service[name] ?? UnimplementedService.service[name]
  if (definition === undefined) throw new Error(`interop.proto has no ${name}`)
  return definition
}

function unary(client: Client, name: string, message: object, metadata: Metadata): Promise<Unary> {
  return new Promise(resolve => {
    const { requestSerialize, responseDeserialize } = methodOf(name)
    const path = client instanceof UnimplementedService ? `/grpc.testing.UnimplementedService/${name}` : methodOf(name).path
    let answer: unknown
    let initial: Metadata | undefined
    const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, metadata, (_error, came) => {
      answer = came
    })
    call.on('metadata', came => {
      initial = came
    })
    call.on('status', ended => queueMicrotask(() => resolve({ answer, initial, status: ended })))
  })
}

/** The status that a call ends with, which comes as an error, too. */
function statusOf(call: EventEmitter): Promise<StatusObject> {
  call.on('error', () => {})
  return new Promise(resolve => call.on('status', resolve))
}

/** The status that a stream ends with; what it brings is read. */
function ended(call: ReturnType<Interop['duplex']>): Promise<StatusObject> {
  call.resume()
  return statusOf(call)
}

const bodySize = (message: Output | SimpleResponse) => message.payload?.body?.length

/** The cases of https://github.com/grpc/grpc/blob/master/doc/interop-test-descriptions.md. */
export const cases: Record<string, (interop: Interop) => Promise<void>> = {
  async empty_unary(interop) {
    const { answer, status: end } = await interop.call('EmptyCall')
    assert.deepEqual([answer, end.code], [{}, status.OK])
  },

  async large_unary(interop) {
    const { answer, status: end } = await interop.call('UnaryCall', { response_size: 314_159, payload: zeros(271_828) })
    assert.equal(end.code, status.OK, end.details)
    assert.deepEqual((answer as SimpleResponse).payload?.body, Buffer.alloc(314_159))
  },

  async client_streaming(interop) {
    const { call, answer } = interop.input()
    for (const size of requestSizes) call.write({ payload: zeros(size) })
    call.end()
    assert.equal((await answer)?.aggregated_payload_size, sum(requestSizes))
  },

  async server_streaming(interop) {
    const call = interop.output({ response_parameters: answerSizes.map(size => ({ size })) })
    const end = statusOf(call)
    const sizes: unknown[] = []
    for await (const message of call) sizes.push(bodySize(message))
    const { code } = await end
    assert.deepEqual([sizes, code], [answerSizes, status.OK])
  },

  async ping_pong(interop) {
    const call = interop.duplex()
    const end = statusOf(call)
    for (const [i, size] of answerSizes.entries()) {
      const pong = once(call, 'data')
      call.write({ response_parameters: [{ size }], payload: zeros(requestSizes[i] ?? 0) })
      assert.equal(bodySize((await pong)[0]), size)
    }
    call.end()
    const { code } = await end
    assert.equal(code, status.OK)
  },

  async empty_stream(interop) {
    const call = interop.duplex()
    const end = statusOf(call)
    call.on('data', () => assert.fail('there is no message'))
    call.end()
    const { code } = await end
    assert.equal(code, status.OK)
  },

  async timeout_on_sleeping_server(interop) {
    const call = interop.duplex(new Metadata(), { deadline: Date.now() + 1 })
    call.write({ payload: zeros(27_182) })
    const { code } = await ended(call)
    assert.equal(code, status.DEADLINE_EXCEEDED)
  },

  async cancel_after_begin(interop) {
    const { call, ended: end } = interop.input()
    call.cancel()
    const { code } = await end
    assert.equal(code, status.CANCELLED)
  },

  async cancel_after_first_response(interop) {
    const call = interop.duplex()
    const end = statusOf(call)
    call.write({ response_parameters: [{ size: 31_415 }], payload: zeros(27_182) })
    const [message] = await once(call, 'data')
    assert.equal(bodySize(message), 31_415)
    call.cancel()
    const { code } = await end
    assert.equal(code, status.CANCELLED)
  },

  async status_code_and_message(interop) {
    const wanted = { code: 2, message: 'test status message' }
    const { status: end } = await interop.call('UnaryCall', { response_status: wanted })
    assert.deepEqual([end.code, end.details], [2, wanted.message])
    const call = interop.duplex()
    call.write({ response_status: wanted })
    call.end()
    const { code, details } = await ended(call)
    assert.deepEqual([code, details], [2, wanted.message])
  },

  async special_status_message(interop) {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n'
    const { status: end } = await interop.call('UnaryCall', { response_status: { code: 2, message } })
    assert.deepEqual([end.code, end.details], [2, message])
  },

  async custom_metadata(interop) {
    const metadata = new Metadata()
    metadata.set('x-grpc-test-echo-initial', 'test_initial_metadata_value')
    metadata.set('x-grpc-test-echo-trailing-bin', Buffer.from([0xab, 0xab, 0xab]))
    const isEchoed = (initial: Metadata | undefined, end: StatusObject) => {
      assert.equal(end.code, status.OK)
      assert.deepEqual(initial?.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value'])
      assert.deepEqual(end.metadata.get('x-grpc-test-echo-trailing-bin'), [Buffer.from([0xab, 0xab, 0xab])])
    }
    const { initial, status: end } = await interop.call(
      'UnaryCall',
      { response_size: 314_159, payload: zeros(271_828) },
      metadata
    )
    isEchoed(initial, end)
    const call = interop.duplex(metadata)
    const first = once(call, 'metadata')
    call.write({ response_parameters: [{ size: 314_159 }], payload: zeros(271_828) })
    call.end()
    const last = await ended(call)
    isEchoed((await first)[0], last)
  },

  async unimplemented_method(interop) {
    const { status: end } = await interop.call('UnimplementedCall')
    assert.equal(end.code, status.UNIMPLEMENTED)
  },

  async unimplemented_service(interop) {
    const { status: end } = await interop.foreign()
    assert.equal(end.code, status.UNIMPLEMENTED)
  }
}
