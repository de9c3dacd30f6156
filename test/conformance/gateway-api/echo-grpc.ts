import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js'
import type { Backend } from './backends.ts'

export const echoName = 'gateway_api_conformance.echo_basic.grpcecho.GrpcEcho'

/** What the gRPC echo service says of a call that reached it. */
export interface GrpcEcho {
  readonly method: string
  readonly namespace: string
  readonly pod: string
}

/** Messages are JSON here: no gateway looks into them. */
export const coding = {
  requestSerialize: (message: unknown) => Buffer.from(JSON.stringify(message)),
  requestDeserialize: (bytes: Buffer): unknown => JSON.parse(String(bytes)),
  responseSerialize: (message: unknown) => Buffer.from(JSON.stringify(message)),
  // The echo service says a GrpcEcho.
  responseDeserialize: (bytes: Buffer) => JSON.parse(String(bytes)) as GrpcEcho
}

/** A gRPC service that answers with what was called, as the echo service of the conformance tests does. */
export class GrpcEchoService {
  readonly url: string
  readonly #server: Server

  private constructor(server: Server, port: number) {
    this.#server = server
    this.url = `http://127.0.0.1:${port}`
  }

  static async start({ namespace, service }: Pick<Backend, 'namespace' | 'service'>): Promise<GrpcEchoService> {
    const server = new Server()
    const names = ['Echo', 'EchoTwo', 'EchoThree'].map(name => [name, `/${echoName}/${name}`] as const)
    const definition = names.map(([name, path]) => [name, { path, requestStream: false, responseStream: false, ...coding }])
    const handlers = names.map(([name, method]) => [
      name,
      (_call: ServerUnaryCall<unknown, GrpcEcho>, answer: sendUnaryData<GrpcEcho>) =>
        answer(null, { method, namespace, pod: `${service}-1` })
    ])
    server.addService(Object.fromEntries(definition), Object.fromEntries(handlers))
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound)
      )
    })
    return new GrpcEchoService(server, port)
  }

  async close(): Promise<void> {
    this.#server.forceShutdown()
  }
}
