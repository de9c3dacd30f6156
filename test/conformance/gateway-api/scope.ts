import type { Abilities } from './abilities.ts'
import { type ConformanceTest, type Expectation, type GrpcExpectation, isGrpc } from './expectations.ts'

interface Outside {
  readonly tests: RegExp
  /** Of the expectations of such a test; absent: all. */
  readonly at?: number
  readonly why: string
}

/** What is not about how a gateway answers HTTP, or cannot be read from the corpus. */
const outside: readonly Outside[] = [
  { tests: /^(TCP|UDP|TLS)Route/, why: 'TCP, UDP and TLS routes: this is a gateway for HTTP' },
  {
    tests: /^BackendTLSPolicy|^GatewayTLSBackend/,
    why: "TLS towards backends by policy objects and secrets: the certificates are made by the tests' code; `tls` of a group is tested in test/integration/tls-upstream.test.ts"
  },
  {
    tests: /^GatewayFrontend/,
    why: "client certificates are made by the tests' code; they are tested in test/integration/tls.test.ts"
  },
  {
    tests: /^HTTPRouteHTTPSListener/,
    why: "the expected values stand in variables of the tests' code, not in the data; certificates by name are tested in test/integration/tls.test.ts"
  },
  { tests: /^HTTPRouteServiceTypes$/, why: 'kinds of Services and endpoint slices: infrastructure' },
  { tests: /^HTTPRouteReferenceGrant$/, at: 1, why: 'what follows when a ReferenceGrant is deleted: life cycle of objects' }
]

/** Why an expectation is out of scope; undefined where it is in. */
export const outOfScope = ({ Test }: ConformanceTest, at: number): string | undefined =>
  outside.find(each => each.tests.test(Test) && (each.at ?? at) === at)?.why

/** Why an expectation waits for something that the gateway does not do yet; undefined where it does not. */
export function pending(expected: Expectation | GrpcExpectation, { mirrors, h2c }: Abilities): string | undefined {
  if (isGrpc(expected)) return h2c ? undefined : 'gRPC: HTTP/2 from clients and to targets'
  const { Request, MirroredTo } = expected
  if (MirroredTo !== undefined) return mirrors ? undefined : 'mirroring'
  return h2c || Request.Protocol === undefined ? undefined : 'HTTP/2 without TLS, from clients and to targets'
}

const credentials = 'credentials for every origin: `check` refuses them, as any page could act for whoever is logged in'

/** Where this gateway does something else on purpose, or cannot be told; by test and place of the expectation. */
const deviations: Readonly<Record<string, string>> = {
  'HTTPRouteCORS 13': credentials,
  'HTTPRouteCORS 15': credentials,
  'HTTPRouteRequestHeaderModifierBackendWeights 0':
    'header changes for one backend among several: `transform` is said of a route, for all groups of its split'
}

/** Why an expectation is not met, where that is known. */
export const deviation = ({ Test }: ConformanceTest, at: number): string | undefined => deviations[`${Test} ${at}`]
