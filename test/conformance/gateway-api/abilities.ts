import { connect } from 'node:http2'
import { parseConfig } from '../../../config/parse.ts'
import { build, type TestScope } from '../../../src/testing.ts'

/** What the gateway can do of what some expectations need. */
export interface Abilities {
  /** Sends copies of requests to other groups. */
  readonly mirrors: boolean
  /** Speaks HTTP/2 without TLS, with clients and with targets. */
  readonly h2c: boolean
}

export async function abilities(scope: TestScope): Promise<Abilities> {
  return {
    mirrors: accepts({}, { mirror: { upstream: 'a', share: 0.5 } }),
    h2c: accepts({ protocol: 'h2c' }, {}) && (await takesHttp2(scope))
  }
}

/** Whether `check` takes a group and a route with these keys. */
function accepts(group: object, route: object): boolean {
  const upstreams = { a: { targets: ['http://127.0.0.1:3000'], ...group } }
  return parseConfig({ upstreams, routes: [{ prefix: '/', upstream: 'a', ...route }] }).ok
}

async function takesHttp2(scope: TestScope): Promise<boolean> {
  const { url, close } = await build(scope, { upstreams: {}, routes: [{ prefix: '/', respond: {} }] })
  const taken = await new Promise<boolean>(resolve => {
    const session = connect(url)
    session.on('error', () => resolve(false))
    session.on('close', () => resolve(false))
    const stream = session.request({ ':path': '/' })
    stream.on('error', () => resolve(false))
    stream.on('response', ({ ':status': status }) => {
      resolve(status === 200)
      session.destroy()
    })
    stream.resume()
  })
  await close()
  return taken
}
