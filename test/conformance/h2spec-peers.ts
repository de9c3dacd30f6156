import { upstream } from '../../src/testing.ts'
import { byHand } from '../support/by-hand.ts'
import { selfSigned } from '../support/certificate.ts'
import { passedOf, runH2spec } from '../support/h2spec.ts'
import { isPeer, startPeer } from '../support/peers.ts'

/** Runs h2spec against nginx and HAProxy with a live target, by hand: `node test/conformance/h2spec-peers.ts nginx haproxy`. */

await byHand(async scope => {
  for (const name of process.argv.slice(2)) {
    if (!isPeer(name)) throw new Error(`it takes nginx and haproxy, not ${name}`)
    for (const secure of [true, false]) {
      const service = await upstream(scope, { body: 'hello', headers: { 'content-type': 'text/plain' } })
      const tls = secure ? selfSigned('localhost') : undefined
      const url = await startPeer(scope, name, { speaks: 'http2', targets: [service.url], tls })
      const results = await runH2spec(scope, Number(new URL(url).port), secure)
      console.log(`${name}, ${secure ? 'with' : 'without'} TLS: ${passedOf(results)} of ${results.size} passed`)
      for (const [title, result] of results) if (result !== 'passed') console.log(`  ${result}: ${title}`)
    }
  }
})
