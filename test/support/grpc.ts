import { promisify } from 'node:util'
import {
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServiceError,
  type StatusObject,
  type UntypedServiceImplementation
} from '@grpc/grpc-js'
import type { TestScope } from '../../src/testing.ts'
import type { SelfSigned } from './certificate.ts'

/** Messages of tests are bytes. */
const asItIs = (bytes: Buffer): Buffer => bytes

const method = (name: string, requestStream: boolean, responseStream: boolean): MethodDefinition<Buffer, Buffer> => ({
  path: `/test.Calls/${name}`,
  requestStream,
  responseStream,
  requestSerialize: asItIs,
  requestDeserialize: asItIs,
  responseSerialize: asItIs,
  responseDeserialize: asItIs
})

/** A service with a method of every kind. */
export const calls = {
  unary: method('Unary', false, false),
  upload: method('Upload', true, false),
  download: method('Download', false, true),
  talk: method('Talk', true, true)
}

export interface GrpcService {
  readonly url: string
  readonly server: Server
  /** As a process that is killed. */
  kill(): void
}

/** A server of gRPC, without TLS, or with it, which ends with the test. */
export async function grpcServer(t: TestScope, server: Server, tls?: SelfSigned): Promise<GrpcService> {
  const bind = promisify(server.bindAsync.bind(server))
  const own = tls && { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) }
  const port = await bind('127.0.0.1:0', own ? ServerCredentials.createSsl(null, [own]) : ServerCredentials.createInsecure())
  const kill = () => server.forceShutdown()
  t.after(async () => kill())
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`, server, kill }
}

/** One that has the methods of `calls` which are given. */
export function grpcService(
  t: TestScope,
  implementation: UntypedServiceImplementation & Partial<Record<keyof typeof calls, unknown>>,
  tls?: SelfSigned
): Promise<GrpcService> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 })
  server.addService(calls, implementation)
  return grpcServer(t, server, tls)
}

/** What one call came to, however it ended. */
export interface Called {
  readonly messages: readonly Buffer[]
  /** The initial metadata; undefined when there was none but trailers. */
  readonly initial: Metadata | undefined
  readonly status: StatusObject
}

/** `http` is h2c, `https` is TLS with whatever certificate. */
export function credentialsFor(url: string) {
  const secure = url.startsWith('https:')
  return secure ? credentials.createSsl(null, null, null, { rejectUnauthorized: false }) : credentials.createInsecure()
}

/** No retries by the client itself, and connections of its own. */
export const channelOptions: ClientOptions = {
  'grpc.enable_retries': 0,
  'grpc.use_local_subchannel_pool': 1,
  // An IP address, which TLS has no name for.
  'grpc.ssl_target_name_override': 'localhost',
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1
}

/** Calls the methods of `calls`. */
export class GrpcCaller {
  readonly client: Client

  constructor(t: TestScope, url: string, options: ClientOptions = {}) {
    this.client = new Client(new URL(url).host, credentialsFor(url), { ...channelOptions, ...options })
    t.after(async () => this.client.close())
  }

  unary(message: Buffer = Buffer.from('ask'), { metadata = new Metadata(), timeoutMs }: CallTerms = {}): Promise<Called> {
    return new Promise(resolve => {
      const messages: Buffer[] = []
      const { path } = calls.unary
      const told = (_error: ServiceError | null, answer?: Buffer) => answer && messages.push(answer)
      const call = this.client.makeUnaryRequest(path, asItIs, asItIs, message, metadata, until(timeoutMs), told)
      gather(call, messages, resolve)
    })
  }

  upload(messages: readonly Buffer[], { metadata = new Metadata(), timeoutMs }: CallTerms = {}): Promise<Called> {
    return new Promise(resolve => {
      const came: Buffer[] = []
      const { path } = calls.upload
      const told = (_error: ServiceError | null, answer?: Buffer) => answer && came.push(answer)
      const call = this.client.makeClientStreamRequest(path, asItIs, asItIs, metadata, until(timeoutMs), told)
      gather(call, came, resolve)
      for (const message of messages) call.write(message)
      call.end()
    })
  }

  download(message: Buffer = Buffer.from('ask'), { metadata = new Metadata(), timeoutMs }: CallTerms = {}) {
    const { path } = calls.download
    return this.client.makeServerStreamRequest(path, asItIs, asItIs, message, metadata, until(timeoutMs))
  }

  talk({ metadata = new Metadata(), timeoutMs }: CallTerms = {}): ClientDuplexStream<Buffer, Buffer> {
    return this.client.makeBidiStreamRequest(calls.talk.path, asItIs, asItIs, metadata, until(timeoutMs))
  }
}

export interface CallTerms {
  readonly metadata?: Metadata
  readonly timeoutMs?: number
}

const until = (timeoutMs: number | undefined) => (timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs })

interface Answering {
  on(event: 'metadata', listener: (metadata: Metadata) => void): unknown
  on(event: 'status', listener: (status: StatusObject) => void): unknown
}

function gather(call: Answering, messages: readonly Buffer[], done: (called: Called) => void): void {
  let initial: Metadata | undefined
  call.on('metadata', metadata => {
    initial = metadata
  })
  // The message is told in the same turn.
  call.on('status', status => queueMicrotask(() => done({ messages, initial, status })))
}

/** Reads all that a stream of messages brings, and how it ends. */
export function calledOf(call: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>): Promise<Called> {
  return new Promise(resolve => {
    const messages: Buffer[] = []
    call.on('data', (message: Buffer) => messages.push(message))
    call.on('error', () => {})
    gather(call, messages, resolve)
  })
}

/** A message as it stands in a body: a flag, its length, itself (gRPC over HTTP/2, Length-Prefixed-Message). */
export function framed(message: string | Uint8Array): Buffer {
  const bytes = Buffer.from(message)
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(bytes.length, 1)
  return Buffer.concat([prefix, bytes])
}
