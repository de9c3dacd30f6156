import type { Answer, Question } from './ask.ts'
import type { Expectation } from './expectations.ts'

const redirects = new Set([301, 302, 303, 307, 308])

/** What of an answer, and of the request that reached a backend, is not as expected; none: everything is. */
export function differences(expected: Expectation, asked: Question, protocol: string, answer: Answer): string[] {
  const { StatusCode = 200, StatusCodes = [StatusCode] } = expected.Response ?? {}
  const { status } = answer
  if (!StatusCodes.includes(status)) return [`status ${status}, not ${StatusCodes.join(' or ')}`]
  return [
    ...responseFields(expected, answer),
    ...(answer.echo === undefined ? missing(expected, status) : backend(expected, asked, answer.echo)),
    ...(redirects.has(status) ? redirect(expected, asked, protocol, answer.headers['location'] ?? '') : [])
  ]
}

function responseFields({ Response = {} }: Expectation, { headers }: Answer): string[] {
  const { Headers = {}, ValidHeaderValues = {}, AbsentHeaders = [], IgnoreWhitespace = false } = Response
  const plain = (value: string | undefined) => (IgnoreWhitespace ? value?.replaceAll(' ', '') : value)
  const wanted = [
    ...Object.entries(Headers).map(([name, value]) => [name, [value]] as const),
    ...Object.entries(ValidHeaderValues)
  ]
  const wrong = wanted.filter(([name, values]) => !accepted(name, values).map(plain).includes(plain(headers[name.toLowerCase()])))
  return [
    ...wrong.map(([name, values]) => `${name}: ${headers[name.toLowerCase()]}, not ${values.join(' or ')}`),
    ...AbsentHeaders.filter(name => name.toLowerCase() in headers).map(name => `${name} is there`)
  ]
}

/** Without credentials `*` says of an origin what its name does (Fetch, section 3.3.3), and the names of the expectations say so. */
const accepted = (name: string, values: readonly string[]) =>
  name.toLowerCase() === 'access-control-allow-origin' ? [...values, '*'] : values

/** A preflight that the gateway answers names no namespace. */
const missing = ({ Backend = '', Namespace = '' }: Expectation, status: number) =>
  status === 200 && Backend + Namespace !== '' ? ['no backend was asked'] : []

function backend(expected: Expectation, asked: Question, echo: NonNullable<Answer['echo']>): string[] {
  const { Backend = '', Namespace, ExpectedRequest } = expected
  const request = ExpectedRequest === undefined ? expected.Request : ExpectedRequest.Request
  const { Path = asked.path, Method = asked.method, Host = '', Headers = {} } = request ?? {}
  const found: string[] = []
  if (!echo.pod.startsWith(Backend)) found.push(`went to ${echo.pod}, not ${Backend}`)
  if (Namespace !== undefined && Namespace !== echo.namespace) found.push(`went to ${echo.namespace}, not ${Namespace}`)
  if (echo.path !== Path) found.push(`path ${echo.path}, not ${Path}`)
  if (echo.method !== Method) found.push(`method ${echo.method}, not ${Method}`)
  if (Host !== '' && echo.host !== Host) found.push(`host ${echo.host}, not ${Host}`)
  for (const [name, value] of Object.entries(Headers)) {
    const received = echo.headers[name.toLowerCase()]?.join(',')
    if (received !== value) found.push(`request header ${name}: ${received}, not ${value}`)
  }
  const absent = ExpectedRequest?.AbsentHeaders ?? []
  return [...found, ...absent.filter(name => name.toLowerCase() in echo.headers).map(name => `request header ${name} is there`)]
}

/** What is not expected otherwise is as it was asked, but for the host; the port of a scheme may be left out, no other. */
function redirect({ RedirectRequest }: Expectation, asked: Question, protocol: string, location: string): string[] {
  if (RedirectRequest === undefined) return []
  const { Scheme = protocol, Host, Port = '', Path = asked.path } = RedirectRequest
  // A path alone is for the place that was asked.
  const url = URL.parse(location, `${protocol}://${asked.headers['host']}`)
  if (url === null) return [`location ${location}`]
  const right =
    url.protocol === `${Scheme}:` && (Host ?? url.hostname) === url.hostname && url.port === Port && url.pathname === Path
  return right ? [] : [`location ${location}, not ${Scheme}://${Host ?? '...'}${Port === '' ? '' : `:${Port}`}${Path}`]
}
