import type { RouteInput } from './filters.ts'
import type { GrpcMatch, HttpMatch } from './objects.ts'
import { Unsupported } from './unsupported.ts'

type Predicates = Pick<RouteInput, 'prefix' | 'path' | 'methods' | 'headers' | 'query'>

export function fromHttpMatch({ path = {}, method, headers = [], queryParams = [] }: HttpMatch): Predicates {
  const { type = 'PathPrefix', value = '/' } = path
  return {
    ...where(type, value),
    ...(method === undefined ? {} : { methods: [method] }),
    ...pairs('headers', headers),
    ...pairs('query', queryParams)
  }
}

/** A call is a POST to /service/method (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
export function fromGrpcMatch({ method = {}, headers = [] }: GrpcMatch): Predicates {
  const { type = 'Exact', service, method: name } = method
  if (service === undefined && name !== undefined) throw new Unsupported('a gRPC method of whatever service')
  const path = service === undefined ? '/' : name === undefined ? `/${service}` : `/${service}/${name}`
  return { ...where(type === 'Exact' && name === undefined ? 'PathPrefix' : type, path), ...pairs('headers', headers) }
}

function where(type: 'Exact' | 'PathPrefix' | 'RegularExpression', value: string): Predicates {
  if (type === 'RegularExpression') throw new Unsupported('regular expressions')
  return type === 'Exact' ? { path: value } : { prefix: value }
}

/** The first of those with the same name counts. Names of headers are the same in either case. */
function pairs(key: 'headers' | 'query', matched: NonNullable<HttpMatch['headers']>): Predicates {
  if (matched.some(({ type = 'Exact' }) => type !== 'Exact')) throw new Unsupported('regular expressions')
  if (matched.length === 0) return {}
  return {
    [key]: Object.fromEntries(matched.toReversed().map(({ name, value }) => [key === 'query' ? name : name.toLowerCase(), value]))
  }
}
