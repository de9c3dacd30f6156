import { byHand } from '../support/by-hand.ts'
import { selfSigned } from '../support/certificate.ts'
import { nowhere } from '../support/gateway.ts'
import { cases, Interop } from '../support/interop/cases.ts'
import { interopServer } from '../support/interop/server.ts'
import { isPeer, startPeer } from '../support/peers.ts'

/**
 * Makes the calls of grpc-interop.test.ts through nginx and HAProxy, one target of three being dead there too, by hand:
 * `node test/conformance/grpc-interop-peers.ts nginx haproxy`.
 */
const longestMs = 30_000

/** Why a case does not hold; undefined: it does. */
async function failureOf(run: Promise<void>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>(resolve => {
    timer = setTimeout(resolve, longestMs, `no end within ${longestMs / 1000} s`)
  })
  const failure = run.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error))
  )
  const first = await Promise.race([failure, late])
  clearTimeout(timer)
  return first
}

await byHand(async scope => {
  for (const name of process.argv.slice(2)) {
    if (!isPeer(name)) throw new Error(`it takes nginx and haproxy, not ${name}`)
    for (const secure of [false, true]) {
      const tls = secure ? selfSigned('127.0.0.1') : undefined
      const servers = await Promise.all([1, 2].map(() => interopServer(scope, tls)))
      const dead = secure ? nowhere.replace('http:', 'https:') : nowhere
      const url = await startPeer(scope, name, { speaks: 'grpc', targets: [dead, ...servers.map(server => server.url)], tls })
      const interop = new Interop(url)
      scope.after(async () => interop.close())
      const failures = new Map<string, string>()
      for (const [title, run] of Object.entries(cases)) {
        const failure = await failureOf(run(interop))
        if (failure !== undefined) failures.set(title, failure)
      }
      const all = Object.keys(cases).length
      console.log(`${name}, ${secure ? 'with' : 'without'} TLS: ${all - failures.size} of ${all} hold`)
      for (const [title, failure] of failures) console.log(`  ${title}: ${failure}`)
    }
  }
})
