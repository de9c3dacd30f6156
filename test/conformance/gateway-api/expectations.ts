import { readFileSync } from 'node:fs'
import path from 'node:path'
import { corpus } from './manifests.ts'

type Fields = Readonly<Record<string, string>>

export interface RequestTerms {
  readonly Host?: string
  readonly Method?: string
  readonly Path?: string
  readonly Headers?: Fields
  /** Of the client, where it is not HTTP/1.1. */
  readonly Protocol?: string
}

/** What one request and its answer are to be, as the tests' own `ExpectedResponse` has it. */
export interface Expectation {
  readonly Request: RequestTerms
  readonly ExpectedRequest?: { readonly Request?: RequestTerms; readonly AbsentHeaders?: readonly string[] }
  readonly RedirectRequest?: { readonly Scheme?: string; readonly Host?: string; readonly Port?: string; readonly Path?: string }
  readonly BackendSetResponseHeaders?: Fields
  readonly Response?: {
    readonly StatusCode?: number
    readonly StatusCodes?: readonly number[]
    readonly Headers?: Fields
    readonly ValidHeaderValues?: Readonly<Record<string, readonly string[]>>
    readonly AbsentHeaders?: readonly string[]
    readonly IgnoreWhitespace?: boolean
  }
  readonly Backend?: string
  readonly Namespace?: string
  readonly MirroredTo?: readonly { readonly BackendRef: { readonly Name: string }; readonly Percent?: string }[]
  readonly TestCaseName?: string
}

/** The same of a call. A request is empty; which of them is there says what is called. */
export interface GrpcExpectation {
  readonly EchoRequest?: object
  readonly EchoTwoRequest?: object
  readonly EchoThreeRequest?: object
  readonly RequestMetadata?: { readonly Authority?: string; readonly Metadata?: Fields }
  readonly Response?: { readonly Code?: string }
  readonly Backend?: string
  readonly Namespace?: string
}

export const isGrpc = (expected: Expectation | GrpcExpectation): expected is GrpcExpectation => !('Request' in expected)

export interface ConformanceTest {
  readonly File: string
  readonly Test: string
  readonly Manifests: readonly string[]
  readonly Cases: readonly (Expectation | GrpcExpectation)[] | null
}

/** Constants of the tests, which the corpus has by name. */
const constants = {
  $ns: 'gateway-conformance-infra',
  $InfrastructureNamespace: 'gateway-conformance-infra',
  $AppBackendNamespace: 'gateway-conformance-app-backend',
  $WebBackendNamespace: 'gateway-conformance-web-backend',
  $InfraBackendServiceNameV1: 'infra-backend-v1',
  $InfraBackendServiceNameV2: 'infra-backend-v2',
  $InfraBackendServiceNameV3: 'infra-backend-v3',
  $H2CPriorKnowledgeProtocol: 'H2C_PRIOR_KNOWLEDGE'
} as const

export function readTests(): readonly ConformanceTest[] {
  const names: Readonly<Record<string, string>> = constants
  return JSON.parse(readFileSync(path.join(corpus, 'expected-responses.json'), 'utf8'), (_key, value: unknown) =>
    value === '$nil' ? undefined : typeof value === 'string' ? (names[value] ?? value) : value
  )
}
