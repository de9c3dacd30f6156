import {
  readAddress,
  readHost,
  readLocation,
  readNetwork,
  readOrigin,
  readSocket,
  readUrl,
  readWebOrigin
} from './scalars/network.ts'
import { found, said, type TextKind, text, withoutUser } from './text-kind.ts'

const urls = 'an https or http URL, such as https://id.example.com/keys.json'

const sockets = 'the absolute path of a socket, such as unix:/run/app.sock'

const origins = 'scheme, host and port alone, such as http://10.0.0.1:3000, or a socket such as unix:/run/app.sock'

const locations = 'a path that begins with /, or an https or http URL without a query'

/** Addresses, networks, origins and URLs. */
export const networkKinds = {
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
    accepted: origins,
    kinds: ['text'],
    json: { ...text, pattern: '^(https?://|unix:/)' },
    read: value =>
      /^unix:/i.test(String(value))
        ? said(value, sockets, readSocket(String(value)))
        : said(withoutUser(String(value)), origins, readOrigin(String(value)))
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
  location: {
    noun: 'path or URL',
    accepted: locations,
    kinds: ['text'],
    json: { ...text, pattern: '^(/|https?://)[^?#]*$' },
    read: value => found(readLocation(String(value)))
  },
  host: {
    noun: 'host',
    accepted: 'a name without a port, such as api.example.com or *.example.com',
    kinds: ['text'],
    json: text,
    read: value => found(readHost(String(value)))
  },
  'server-name': {
    noun: 'name of a server',
    accepted: 'a name or an address without a port, such as api.example.com',
    kinds: ['text'],
    json: { ...text, pattern: '^[^*/:]+$|^\\[.*\\]$' },
    read: value => (String(value).startsWith('*') ? undefined : found(readHost(String(value))))
  }
} as const satisfies Readonly<Record<string, TextKind>>
