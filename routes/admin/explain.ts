import { GatewayError } from '../../src/model/errors.ts'

/** A request to be explained, as it would come in. Header names in lower case. */
export interface Question {
  readonly method: string
  /** A request target: a path, or a URL whose host stands for the Host field. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
}

type Query = Readonly<Record<string, string | string[] | undefined>>

/** The request that `?method=GET&url=/x&header=name:%20value` describes. */
export function questionOf({ method = 'GET', url, header = [] }: Query): Question {
  if (typeof url !== 'string' || typeof method !== 'string')
    throw new GatewayError('EG_BAD_REQUEST', 'url and method are each given once.')
  const headers = [header].flat().map((line): [string, string] => {
    const colon = line.indexOf(':')
    if (colon < 1) throw new GatewayError('EG_BAD_REQUEST', "header is 'name: value'.")
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { method: method.toUpperCase(), target: url, headers: Object.fromEntries(headers) }
}
