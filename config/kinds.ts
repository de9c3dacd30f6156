import { everyMethod } from '../src/model/methods.ts'
import type { Reading } from '../src/model/option-types.ts'
import { networkKinds } from './kinds-network.ts'
import { templateKinds } from './kinds-template.ts'
import { suggestion } from './nearest.ts'
import {
  headerNamePattern,
  isHeaderValue,
  mediaTypePattern,
  readChangedHeader,
  readHeaderName,
  readMediaType,
  readPath,
  readPrefix,
  readWholePath
} from './scalars/http.ts'
import { readLimitKey, readRedis } from './scalars/limits.ts'
import { readPem, readSecret } from './scalars/secrets.ts'
import { durationPattern, readAge, readDuration, readHedgeDelay, readSize, sizePattern } from './scalars/units.ts'
import { found, type Read, said, shown, type TextKind, text } from './text-kind.ts'

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
const paths = 'a path that begins with /, such as /orders'

const mediaTypes = 'a type such as application/json, or text/*, without parameters'

export const kinds: Readonly<Record<Reading, TextKind>> = {
  ...networkKinds,
  ...templateKinds,
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
  age: {
    noun: 'duration',
    accepted: durations,
    kinds: ['text', 'number'],
    json: { anyOf: [{ ...text, pattern: durationPattern }, { const: 0 }] },
    read: value => found(readAge(value))
  },
  'json-field': {
    noun: 'field of JSON',
    accepted: 'a name, or a path such as $.meta.time',
    kinds: ['text'],
    json: { ...text, pattern: '^(\\$(\\.[^.]+)+|[^$.].*)$' },
    read: value => (/^(\$(\.[^.]+)+|[^$.].*)$/.test(String(value)) ? { value } : undefined)
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
  prefix: {
    noun: 'path',
    accepted: paths,
    kinds: ['text'],
    json: { ...text, pattern: '^/[^?#*]*$' },
    read: value => said(value, paths, readPrefix(String(value)))
  },
  'whole-path': {
    noun: 'path',
    accepted: paths,
    kinds: ['text'],
    json: { ...text, pattern: '^/[^?#*]*$' },
    read: value => said(value, paths, readWholePath(String(value)))
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
  'any-method': {
    noun: 'method',
    accepted: 'a method in capitals, such as GET or POST, or *',
    kinds: ['text'],
    json: { ...text, enum: ['*', ...everyMethod] },
    read: (value, node, file) => (value === '*' ? { value } : kinds.method.read(value, node, file))
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
    accepted: 'a name of letters, digits and . _ - :',
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
  'media-type': {
    noun: 'type of an answer',
    accepted: mediaTypes,
    kinds: ['text'],
    json: { ...text, pattern: mediaTypePattern },
    read: value => said(value, mediaTypes, readMediaType(String(value)))
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

function readKey(value: string): Read | undefined {
  if (value === 'ip') return { value }
  const match = /^(cookie|header|query):(\S+)$/.exec(value)
  if (!match) return undefined
  const name = match[2] ?? ''
  return { value: match[1] === 'header' ? `header:${name.toLowerCase()}` : value }
}
