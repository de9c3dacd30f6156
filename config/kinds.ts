import { everyMethod } from '../src/model/methods.ts'
import type { Reading } from '../src/model/option-types.ts'
import { suggestion } from './nearest.ts'
import { type Kind, kindOf, type Node } from './node.ts'
import type { FileText } from './scalars/files.ts'
import { headerNamePattern, isHeaderValue, readChangedHeader, readHeaderName, readPath, readPrefix } from './scalars/http.ts'
import { readLimitKey, readRedis } from './scalars/limits.ts'
import { readAddress, readHost, readNetwork, readOrigin, readUrl, readWebOrigin } from './scalars/network.ts'
import { readPem, readSecret } from './scalars/secrets.ts'
import { durationPattern, readDuration, readHedgeDelay, readSize, sizePattern } from './scalars/units.ts'

export type Read = { readonly value: unknown } | { readonly wrong: string }

/** One kind of text in the configuration: what is accepted, and how it is read. */
export interface TextKind {
  /** Ends `"x" is no ...`. */
  readonly noun: string
  readonly accepted: string
  readonly kinds: readonly Kind[]
  /** May be a secret: messages do not show it. */
  readonly hidden?: true
  /** What an editor can check of it. */
  readonly json: Readonly<Record<string, unknown>>
  /** Undefined: it is none of these, and nothing more can be said. `wrong` says what is, in full. */
  read(value: unknown, node: Node, file: (path: string) => FileText): Read | undefined
}

const text = { type: 'string' } as const
const secretJson = {
  anyOf: [
    text,
    {
      type: 'object',
      properties: { file: { ...text, description: 'The file that holds it, counted from this one.' } },
      required: ['file'],
      additionalProperties: false
    }
  ]
}
const durations = 'a number with a unit: ms, s, m, h, d, such as 250ms or 5s'
const urls = 'an https or http URL, such as https://id.example.com/keys.json'
const paths = 'a path that begins with /, such as /orders'

export const kinds: Readonly<Record<Reading, TextKind>> = {
  duration: {
    noun: 'duration',
    accepted: durations,
    kinds: ['text', 'number'],
    json: { anyOf: [{ ...text, pattern: durationPattern }, { const: 0 }] },
    read(value, node) {
      const ms = readDuration(value)
      if (ms === 0 && node.above === 0) return { wrong: `${shown(value)} is too short; accepted: more than 0, ${durations}` }
      return found(ms)
    }
  },
  'hedge-delay': {
    noun: 'percentile or duration',
    accepted: `a percentile from p50 to p99.9, or ${durations}`,
    kinds: ['text'],
    json: { ...text, pattern: `^p(5\\d|[6-9]\\d)(\\.\\d+)?$|${durationPattern}` },
    read: value => found(readHedgeDelay(value))
  },
  size: {
    noun: 'size',
    accepted: 'a number with a unit: b, kb, mb, gb, such as 64kb or 10mb',
    kinds: ['text', 'number'],
    json: { anyOf: [{ ...text, pattern: sizePattern }, { const: 0 }] },
    read: value => found(readSize(value))
  },
  address: {
    noun: 'address to listen on',
    accepted: 'host:port, such as 127.0.0.1:8080, [::1]:8080 or :8080 for every address',
    kinds: ['text', 'number'],
    json: { anyOf: [text, { type: 'integer', minimum: 0, maximum: 65535 }] },
    read: value => (readAddress(value) === undefined ? undefined : { value: String(value) })
  },
  network: {
    noun: 'address or network',
    accepted: 'an IP address, or a network such as 10.0.0.0/8',
    kinds: ['text'],
    json: text,
    read: value => found(readNetwork(value))
  },
  origin: {
    noun: 'origin',
    accepted: 'scheme, host and port alone, such as http://10.0.0.1:3000',
    kinds: ['text'],
    json: { ...text, pattern: '^https?://' },
    read: value =>
      said(withoutUser(String(value)), 'scheme, host and port alone, such as http://10.0.0.1:3000', readOrigin(String(value)))
  },
  'web-origin': {
    noun: 'origin of pages',
    accepted: 'scheme, host and port of a page, such as https://app.example or https://*.example.com, or *',
    kinds: ['text'],
    json: { ...text, pattern: '^(\\*|[A-Za-z][A-Za-z0-9+.-]*://.+)$' },
    read: value => found(readWebOrigin(String(value)))
  },
  url: {
    noun: 'URL',
    accepted: urls,
    kinds: ['text'],
    json: { ...text, pattern: '^https?://' },
    read: value => said(withoutUser(String(value)), urls, readUrl(String(value)))
  },
  host: {
    noun: 'host',
    accepted: 'a name without a port, such as api.example.com or *.example.com',
    kinds: ['text'],
    json: text,
    read: value => found(readHost(String(value)))
  },
  prefix: {
    noun: 'path',
    accepted: paths,
    kinds: ['text'],
    json: { ...text, pattern: '^/[^?#*]*$' },
    read: value => said(value, paths, readPrefix(String(value)))
  },
  path: {
    noun: 'path',
    accepted: paths,
    kinds: ['text'],
    json: { ...text, pattern: '^/[^?#]*$' },
    read: value => said(value, paths, readPath(String(value)))
  },
  method: {
    noun: 'method',
    accepted: 'a method in capitals, such as GET or POST',
    kinds: ['text'],
    json: { ...text, enum: everyMethod },
    read: value =>
      everyMethod.includes(String(value))
        ? { value }
        : { wrong: `${shown(value)} is no method${suggestion(String(value), everyMethod)}` }
  },
  'header-name': {
    noun: 'name of a header',
    accepted: 'letters, digits and -, such as x-tenant',
    kinds: ['text'],
    json: { ...text, pattern: headerNamePattern },
    read: value => found(readHeaderName(String(value)))
  },
  'changed-header': {
    noun: 'name of a header',
    accepted: 'letters, digits and -, such as x-tenant',
    kinds: ['text'],
    json: { ...text, pattern: headerNamePattern },
    read: value => readChangedHeader(String(value))
  },
  'header-value': {
    noun: 'value of a header',
    accepted: 'a text of one line (a number stands in quotes)',
    hidden: true,
    kinds: ['text'],
    json: text,
    read: value => (isHeaderValue(String(value)) ? { value } : undefined)
  },
  name: {
    noun: 'name',
    accepted: 'letters, digits and . _ - :',
    kinds: ['text'],
    json: { ...text, pattern: '^[A-Za-z0-9_.:\\[\\]-]+$' },
    read: value => (/^[\w.:[\]-]{1,128}$/.test(String(value)) ? { value } : undefined)
  },
  key: {
    noun: 'key of a client',
    accepted: 'ip, cookie:NAME, header:NAME or query:NAME',
    kinds: ['text'],
    json: { ...text, pattern: '^(ip|(cookie|header|query):.+)$' },
    read: value => readKey(String(value))
  },
  'limit-key': {
    noun: 'key of a rate limit',
    accepted: 'ip, route, consumer, claim:NAME, header:NAME or plugin:NAME',
    kinds: ['text'],
    json: { ...text, pattern: '^(ip|route|consumer|(claim|header|plugin):\\S+)$' },
    read: value => found(readLimitKey(String(value)))
  },
  text: {
    noun: 'text',
    accepted: 'a text (a number stands in quotes)',
    kinds: ['text'],
    json: text,
    read: value => ({ value })
  },
  module: {
    noun: 'plugin',
    accepted: 'a path that begins with . or /, or the name of a package',
    kinds: ['text'],
    json: text,
    read: value => (/^\S+$/.test(String(value)) ? { value } : undefined)
  },
  secret: {
    noun: 'secret',
    hidden: true,
    accepted: 'a text, or { file: path }',
    kinds: ['text', 'mapping'],
    json: secretJson,
    read: (value, _node, file) => readSecret(value, file)
  },
  redis: {
    noun: 'URL of a Redis server',
    hidden: true,
    accepted: 'redis://host:6379 or rediss://host:6379, or { file: path }',
    kinds: ['text', 'mapping'],
    json: secretJson,
    read: (value, _node, file) => readRedis(value, file)
  },
  pem: {
    noun: 'PEM text',
    hidden: true,
    accepted: 'the path of a PEM file, { file: path }, or the PEM text itself',
    kinds: ['text', 'mapping'],
    json: secretJson,
    read: (value, _node, file) => readPem(value, file)
  }
}

/** A value as a message shows it, cut where it is long. */
export function shown(value: unknown): string {
  switch (kindOf(value)) {
    case 'nothing':
      return 'an empty value'
    case 'text': {
      const json = JSON.stringify(value)
      return json.length > 80 ? `${json.slice(0, 76)}..."` : json
    }
    case 'list':
      return 'a list'
    case 'mapping':
      return 'a mapping'
    case 'object':
      return 'an object of a class'
    default:
      return String(value)
  }
}

function found(value: unknown): Read | undefined {
  return value === undefined ? undefined : { value }
}

function said(value: unknown, accepted: string, read: Read): Read {
  return 'wrong' in read ? { wrong: `${shown(value)} ${read.wrong}; accepted: ${accepted}` } : read
}

/** A password in a URL is not repeated in a message. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//***@')
}

function readKey(value: string): Read | undefined {
  if (value === 'ip') return { value }
  const match = /^(cookie|header|query):(\S+)$/.exec(value)
  if (!match) return undefined
  const name = match[2] ?? ''
  return { value: match[1] === 'header' ? `header:${name.toLowerCase()}` : value }
}
