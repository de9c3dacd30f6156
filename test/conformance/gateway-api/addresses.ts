import type { Address } from './attachment.ts'
import type { ConformanceTest } from './expectations.ts'
import { type KubernetesObject, ofKind } from './objects.ts'

const times = (count: number, gateway: string, port = 80): Address[][] => Array(count).fill([{ gateway, port }])

/** Where the requests of tests with several Gateways or ports go, one after the other: the tests' code says so, not the data. */
const said: Readonly<Record<string, readonly Address[][]>> = {
  HTTPRouteMultipleGateways: [...times(2, 'same-namespace'), ...times(2, 'all-namespaces')],
  HTTPRouteHostnameIntersection: [
    ...times(27, 'httproute-hostname-intersection'),
    ...times(6, 'httproute-hostname-intersection-all')
  ],
  HTTPRouteListenerPortMatching: [80, 8080, 8080, 8090, 8090].flatMap(port => times(1, 'httproute-listener-port-matching', port)),
  HTTPRouteRedirectPortAndScheme: [
    ...times(6, 'same-namespace'),
    ...times(3, 'same-namespace-with-http-listener-on-8080', 8080),
    ...times(6, 'same-namespace-with-https-listener', 443)
  ],
  // All of them at both.
  GatewayHTTPListenerIsolation: Array(16).fill([
    { gateway: 'http-listener-isolation', port: 80 },
    { gateway: 'http-listener-isolation-with-hostname-intersection', port: 80 }
  ])
}

/** The Gateways and ports at which an expectation is to hold. */
export function addressesOf(objects: readonly KubernetesObject[], { Test }: ConformanceTest, at: number): readonly Address[] {
  const listed = said[Test]
  if (listed !== undefined) return listed[at] ?? []
  const routes = [...ofKind(objects, 'HTTPRoute'), ...ofKind(objects, 'GRPCRoute')]
  const gateways = new Set(
    routes
      .flatMap(({ spec }) => spec.parentRefs ?? [])
      .map(({ kind, name }) =>
        kind === 'ListenerSet'
          ? (ofKind(objects, 'ListenerSet').find(({ metadata }) => metadata.name === name)?.spec.parentRef.name ?? name)
          : name
      )
  )
  if (gateways.size !== 1) throw new Error(`${Test}: which of the Gateways ${[...gateways].join(', ')} is asked?`)
  return [...gateways].map(gateway => ({ gateway, port: 80 }))
}
