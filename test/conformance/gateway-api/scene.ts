import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { build, type FakeClock, fakeClock, seededRandom, type TestGateway, type TestScope } from '../../../src/testing.ts'
import { selfSigned } from '../../support/certificate.ts'
import type { Address } from './attachment.ts'
import type { Backend } from './backends.ts'
import { convert } from './convert.ts'
import { EchoService } from './echo.ts'
import { GrpcEchoService } from './echo-grpc.ts'
import { type KubernetesObject, ofKind } from './objects.ts'

/** The services of one test, and a gateway of ours for each Gateway and port that is asked. */
export class Scene {
  readonly clock: FakeClock = fakeClock()
  readonly agents = { http: new Agent({ keepAlive: true }), https: new TlsAgent({ keepAlive: true }) }
  readonly #scope: TestScope
  readonly objects: readonly KubernetesObject[]
  readonly #services: ReadonlyMap<string, EchoService>
  readonly #grpc: ReadonlyMap<string, GrpcEchoService>
  readonly #gateways = new Map<string, Promise<TestGateway>>()

  private constructor(
    scope: TestScope,
    objects: readonly KubernetesObject[],
    services: ReadonlyMap<string, EchoService>,
    grpc: ReadonlyMap<string, GrpcEchoService>
  ) {
    this.#grpc = grpc
    this.#scope = scope
    this.objects = objects
    this.#services = services
  }

  static async of(scope: TestScope, objects: readonly KubernetesObject[]): Promise<Scene> {
    const services = new Map<string, EchoService>()
    for (const [namespace, service] of echoServices)
      services.set(`${namespace}/${service}`, await EchoService.start({ namespace, service }))
    const grpc = new Map<string, GrpcEchoService>()
    const calls = ofKind(objects, 'GRPCRoute').length > 0 ? grpcServices : []
    for (const service of calls) grpc.set(service, await GrpcEchoService.start({ namespace: infra, service }))
    const scene = new Scene(scope, objects, services, grpc)
    scope.after(async () => {
      scene.agents.http.destroy()
      scene.agents.https.destroy()
      await Promise.all([...services.values(), ...grpc.values()].map(service => service.close()))
    })
    return scene
  }

  /** Where the service behind a port listens. */
  #locate({ namespace, service, protocol }: Backend): string {
    const grpc = this.#grpc.get(service)
    return grpc === undefined ? this.service({ namespace, service }).urlFor(protocol) : grpc.url
  }

  service({ namespace, service }: Pick<Backend, 'namespace' | 'service'>): EchoService {
    const found = this.#services.get(`${namespace}/${service}`)
    if (found === undefined) throw new Error(`no echo service ${namespace}/${service}`)
    return found
  }

  get services(): Iterable<EchoService> {
    return this.#services.values()
  }

  /** Its time stands still. */
  gateway(address: Address): Promise<TestGateway> {
    const name = `${address.gateway}:${address.port}`
    const running = this.#gateways.get(name) ?? this.#start(address)
    this.#gateways.set(name, running)
    return running
  }

  #start(address: Address): Promise<TestGateway> {
    const config = convert(this.objects, address, backend => this.#locate(backend))
    const tls = address.port === 443 ? { listen: { address: ':0', tls: selfSigned('gateway.test') } } : {}
    return build(this.#scope, { ...config, ...tls }, { clock: this.clock, random: seededRandom(7) })
  }
}

const infra = 'gateway-conformance-infra'
const grpcServices = ['grpc-infra-backend-v1', 'grpc-infra-backend-v2', 'grpc-infra-backend-v3']
const echoServices = [
  [infra, 'infra-backend-v1'],
  [infra, 'infra-backend-v2'],
  [infra, 'infra-backend-v3'],
  ['gateway-conformance-app-backend', 'app-backend-v1'],
  ['gateway-conformance-app-backend', 'app-backend-v2'],
  ['gateway-conformance-web-backend', 'web-backend']
] as const
