import { after, before, describe, test } from 'node:test'
import type { TestScope } from '../../src/testing.ts'
import { selfSigned } from '../support/certificate.ts'
import { gatewayTo, nowhere } from '../support/gateway.ts'
import { cases, Interop } from '../support/interop/cases.ts'
import { interopServer } from '../support/interop/server.ts'

const own = selfSigned('127.0.0.1')

for (const secure of [false, true]) {
  describe(`gRPC interoperability over ${secure ? 'TLS' : 'h2c'}, one target of three being dead`, () => {
    const ends: (() => Promise<void>)[] = []
    const scope: TestScope = { after: end => void ends.push(end) }
    let interop: Interop

    before(async () => {
      const servers = await Promise.all([1, 2].map(() => interopServer(scope, secure ? own : undefined)))
      const dead = secure ? nowhere.replace('http:', 'https:') : nowhere
      const [first, second] = servers.map(({ url }) => url)
      const targets = [dead, first ?? '', second ?? '']
      const spoken = secure ? ({ protocol: 'http2', tls: { ca: own.cert } } as const) : ({ protocol: 'h2c' } as const)
      const { url } = await gatewayTo(scope, targets, {
        ...(secure && { listen: { address: ':0', tls: own } }),
        group: { ...spoken, balance: 'round-robin' }
      })
      interop = new Interop(url)
      scope.after(async () => interop.close())
    })
    after(async () => {
      for (const end of ends.reverse()) await end()
    })

    for (const [name, run] of Object.entries(cases)) test(name, { timeout: 30_000 }, () => run(interop))
  })
}
