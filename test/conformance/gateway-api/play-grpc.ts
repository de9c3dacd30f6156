import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { coding, echoName, type GrpcEcho } from './echo-grpc.ts'
import type { GrpcExpectation } from './expectations.ts'
import { sharesOff } from './shares.ts'

interface CallAnswer {
  readonly code: number
  readonly echo?: GrpcEcho
}

const codes: Readonly<Record<string, number>> = { $OK: status.OK, $Unimplemented: status.UNIMPLEMENTED }

/** Puts a gRPC expectation to a gateway: the code, and which backend took which call. */
export async function playGrpc(url: string, test: string, expected: GrpcExpectation): Promise<string[]> {
  const { RequestMetadata: { Authority, Metadata: fields = {} } = {} } = expected
  const client = new Client(new URL(url).host, credentials.createInsecure(), {
    ...(Authority === undefined ? {} : { 'grpc.default_authority': Authority })
  })
  const method = `/${echoName}/${expected.EchoRequest ? 'Echo' : expected.EchoTwoRequest ? 'EchoTwo' : 'EchoThree'}`
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(fields)) metadata.set(name, value)
  try {
    const call = () => callOnce(client, method, metadata)
    const wrong = differences(expected, method, await call())
    if (wrong.length > 0 || !test.endsWith('Weight')) return wrong
    return await sharesOff('grpc-infra-backend', async () => (await call()).echo?.pod)
  } finally {
    client.close()
  }
}

function callOnce(client: Client, method: string, metadata: Metadata): Promise<CallAnswer> {
  return new Promise(resolve => {
    const answered = (error: ServiceError | null, echo?: GrpcEcho) =>
      resolve(error ? { code: error.code } : { code: status.OK, ...(echo === undefined ? {} : { echo }) })
    client.makeUnaryRequest(method, coding.requestSerialize, coding.responseDeserialize, {}, metadata, answered)
  })
}

function differences(
  { Response, Backend = '', Namespace }: GrpcExpectation,
  method: string,
  { code, echo }: CallAnswer
): string[] {
  const wanted = codes[Response?.Code ?? '$OK']
  if (code !== wanted) return [`code ${code}, not ${wanted}`]
  if (echo === undefined) return []
  return [
    ...(echo.method === method ? [] : [`called ${echo.method}, not ${method}`]),
    ...(echo.pod.startsWith(Backend) ? [] : [`went to ${echo.pod}, not ${Backend}`]),
    ...((Namespace ?? echo.namespace) === echo.namespace ? [] : [`went to ${echo.namespace}, not ${Namespace}`])
  ]
}
