import { type Answer, ask, type Question } from './ask.ts'
import { askHttp2 } from './ask-http2.ts'
import type { Address } from './attachment.ts'
import { differences } from './compare.ts'
import { type Expectation, type GrpcExpectation, isGrpc } from './expectations.ts'
import { playGrpc } from './play-grpc.ts'
import { mirrored } from './play-mirror.ts'
import type { Scene } from './scene.ts'
import { sharesOff } from './shares.ts'

/** Puts an expectation to a gateway; what is not as expected, none: everything is. */
export async function play(
  scene: Scene,
  address: Address,
  test: string,
  expected: Expectation | GrpcExpectation
): Promise<string[]> {
  const { url } = await scene.gateway(address)
  if (isGrpc(expected)) return playGrpc(url, test, expected)
  const protocol = address.port === 443 ? 'https' : 'http'
  const asked = questionOf(expected, address)
  const http2 = expected.Request.Protocol === 'H2C_PRIOR_KNOWLEDGE'
  const send = () => (http2 ? askHttp2(url, asked) : ask(url, asked, scene.agents[protocol]))
  const answer = await (asked.path.includes('delay=') ? delayed(scene, expected, send) : send())
  const wrong = differences(expected, asked, protocol, answer)
  if (wrong.length > 0) return wrong
  if (test.endsWith('Weight')) return sharesOff('infra-backend', async () => (await send()).echo?.pod)
  return mirrored(scene, expected, send)
}

function questionOf({ Request, BackendSetResponseHeaders = {} }: Expectation, { port }: Address): Question {
  const { Host, Method = 'GET', Path = '/', Headers = {} } = Request
  const wanted = Object.entries(BackendSetResponseHeaders).map(([name, value]) => `${name}:${value}`)
  const ownPort = port === 80 || port === 443 ? '' : `:${port}`
  return {
    method: Method,
    path: Path,
    headers: {
      // Without a host of its own a request names the Gateway's address.
      host: Host ?? `192.0.2.1${ownPort}`,
      ...Headers,
      ...(wanted.length === 0 ? {} : { 'x-echo-set-header': wanted.join(',') })
    }
  }
}

/** The time passes at the gateway alone. A backend that is to be too slow answers when the client has its answer. */
async function delayed(scene: Scene, { Response }: Expectation, send: () => Promise<Answer>): Promise<Answer> {
  const answer = send()
  await Promise.race([...scene.services].map(service => service.delayed()))
  scene.clock.advance(1000)
  const release = () => {
    for (const service of scene.services) service.release()
  }
  if (Response?.StatusCode !== 504) release()
  return answer.finally(release)
}
