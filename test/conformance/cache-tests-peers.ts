import { byHand } from '../support/by-hand.ts'
import { cacheCases, cacheOrigin, casesOf, runCacheTests } from '../support/cache-tests.ts'
import { isPeer, startPeer } from '../support/peers.ts'

/** Puts cache-tests to the caches of nginx and HAProxy, by hand: `node test/conformance/cache-tests-peers.ts nginx haproxy`. */
const cases = await cacheCases()

await byHand(async scope => {
  for (const name of process.argv.slice(2)) {
    if (!isPeer(name)) throw new Error(`it takes nginx and haproxy, not ${name}`)
    const url = await startPeer(scope, name, { speaks: 'cache', targets: [await cacheOrigin(scope)] })
    const results = await runCacheTests(cases, url)
    for (const kind of ['required', 'optimal'] as const) {
      const all = casesOf(cases, kind)
      console.log(`${name}, ${kind}: ${all.filter(({ id }) => results[id] === true).length} of ${all.length}`)
    }
  }
})
