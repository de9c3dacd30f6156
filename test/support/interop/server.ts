import path from 'node:path'
import {
  loadPackageDefinition,
  Metadata,
  Server,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceClientConstructor,
  type sendUnaryData
} from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import type { TestScope } from '../../../src/testing.ts'
import type { SelfSigned } from '../certificate.ts'
import { type GrpcService, grpcServer } from '../grpc.ts'
import type { EchoStatus, Input, InputSize, Output, OutputRequest, SimpleRequest, SimpleResponse } from './messages.ts'

const loaded = loadPackageDefinition(loadSync(path.join(import.meta.dirname, 'interop.proto'), { keepCase: true }))
/** The package has these services: see interop.proto. */
const { testing } = loaded['grpc'] as unknown as {
  testing: { TestService: ServiceClientConstructor; UnimplementedService: ServiceClientConstructor }
}
export const { TestService, UnimplementedService } = testing

const initialEcho = 'x-grpc-test-echo-initial'
const trailingEcho = 'x-grpc-test-echo-trailing-bin'

interface Call {
  readonly metadata: Metadata
  sendMetadata(metadata: Metadata): void
}

/** Sends back what a client asks to be echoed: at once, and as the trailers that are returned. */
function echoed(call: Call): Metadata {
  const trailers = new Metadata()
  for (const value of call.metadata.get(trailingEcho)) trailers.add(trailingEcho, value)
  const initial = new Metadata()
  for (const value of call.metadata.get(initialEcho)) initial.add(initialEcho, value)
  if (call.metadata.get(initialEcho).length > 0) call.sendMetadata(initial)
  return trailers
}

const payload = (size: number | undefined) => ({ payload: { body: Buffer.alloc(size ?? 0) } })

/** What a client asks to fail with; undefined: nothing. */
const failure = (status: EchoStatus | null | undefined, metadata: Metadata) =>
  status?.code ? { code: status.code, details: status.message ?? '', metadata } : undefined

const implementation = {
  EmptyCall(call: ServerUnaryCall<object, object>, done: sendUnaryData<object>) {
    done(null, {}, echoed(call))
  },
  UnaryCall(call: ServerUnaryCall<SimpleRequest, SimpleResponse>, done: sendUnaryData<SimpleResponse>) {
    const trailers = echoed(call)
    const { response_size, response_status } = call.request
    const failed = failure(response_status, trailers)
    if (failed) done(failed)
    else done(null, payload(response_size), trailers)
  },
  StreamingOutputCall(call: ServerWritableStream<OutputRequest, Output>) {
    const trailers = echoed(call)
    for (const { size } of call.request.response_parameters ?? []) call.write(payload(size))
    call.end(trailers)
  },
  StreamingInputCall(call: ServerReadableStream<Input, InputSize>, done: sendUnaryData<InputSize>) {
    const trailers = echoed(call)
    let sum = 0
    call.on('data', ({ payload }: Input) => (sum += payload?.body?.length ?? 0))
    call.on('end', () => done(null, { aggregated_payload_size: sum }, trailers))
  },
  FullDuplexCall(call: ServerDuplexStream<OutputRequest, Output>) {
    const trailers = echoed(call)
    call.on('data', ({ response_parameters = [], response_status }: OutputRequest) => {
      const failed = failure(response_status, trailers)
      if (failed) call.emit('error', failed)
      else for (const { size } of response_parameters) call.write(payload(size))
    })
    call.on('end', () => call.end(trailers))
  }
}

/** A server that does what the interoperability cases ask for, but for UnimplementedCall, and ends with the test. */
export function interopServer(t: TestScope, tls?: SelfSigned): Promise<GrpcService> {
  const server = new Server()
  server.addService(TestService.service, implementation)
  return grpcServer(t, server, tls)
}
