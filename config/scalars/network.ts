import { BlockList, isIP } from 'node:net'

export interface Address {
  readonly host: string
  readonly port: number
}

/** `0.0.0.0:8080`, `:8080`, `8080`, `[::1]:80`, `localhost:80`; undefined when it is none of these. Port 0 is any free one. */
export function readAddress(value: unknown): Address | undefined {
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):)?(\d{1,5})$/.exec(String(value))
  const port = Number(match?.[2])
  if (!match || port > 65535) return undefined
  const written = match[1] ?? ''
  if (written === '') return { host: '0.0.0.0', port }
  if (written.startsWith('[')) {
    const host = written.slice(1, -1)
    return isIP(host) === 6 ? { host, port } : undefined
  }
  return isHostname(written) ? { host: written, port } : undefined
}

/** An address or a network as `10.0.0.0/8`, as it was written. */
export function readNetwork(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const [address = '', bits, ...more] = value.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || address.includes('%')) return undefined
  if (bits === undefined) return value
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return undefined
  // The same check that reads the list later; it throws on what it cannot hold.
  new BlockList().addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  return value
}

/** An origin without trailing slash, the default port left out; or what is wrong with it. */
export function readOrigin(value: string): { readonly value: string } | { readonly wrong: string } {
  if (!URL.canParse(value)) return { wrong: 'is no URL' }
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return { wrong: `has the scheme ${url.protocol.slice(0, -1)}` }
  if (!/^https?:\/\//i.test(value)) return { wrong: 'is no URL' }
  if (url.username !== '' || url.password !== '') return { wrong: 'has a user or password' }
  if (url.search !== '' || value.includes('?')) return { wrong: 'has a query' }
  if (url.hash !== '' || value.includes('#')) return { wrong: 'has a fragment' }
  if (url.pathname !== '/') return { wrong: `has the path ${url.pathname}` }
  if (url.port === '0') return { wrong: 'has port 0' }
  return { value: url.origin }
}

/** What the kernel takes as the path of a socket, in bytes: 108 with the zero at its end on Linux, 104 on macOS. */
const longestSocketPath = 103

/** `unix:/run/app.sock`, as it was written; or what is wrong with it. */
export function readSocket(value: string): { readonly value: string } | { readonly wrong: string } {
  const path = value.slice('unix:'.length)
  if (!value.startsWith('unix:')) return { wrong: 'has a scheme in capitals' }
  if (path.startsWith('//')) return { wrong: 'has a host' }
  if (!path.startsWith('/')) return { wrong: 'has no absolute path' }
  if (/[\0-\x1f\x7f?#]/.test(path)) return { wrong: 'has a query, a fragment or a control character' }
  if (path.endsWith('/')) return { wrong: 'is a directory' }
  if (Buffer.byteLength(path) > longestSocketPath) return { wrong: `has a path of more than ${longestSocketPath} bytes` }
  return { value }
}

const webOrigin = /^([a-z][a-z\d+.-]*):\/\/(\*\.)?(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?\/?$/i

/** The origin of a page as browsers write it in Origin, `*.` before the host for every name below it, or `*`. */
export function readWebOrigin(value: string): string | undefined {
  if (value === '*') return value
  const [, scheme = '', below = '', host = '', port] = webOrigin.exec(value.toLowerCase()) ?? []
  const bracketed = host.startsWith('[')
  if (bracketed ? below !== '' || isIP(host.slice(1, -1)) !== 6 : !isHostname(host)) return undefined
  if (Number(port) > 65535) return undefined
  const isDefault = port === undefined || (scheme === 'https' && port === '443') || (scheme === 'http' && port === '80')
  return `${scheme}://${below}${host}${isDefault ? '' : `:${port}`}`
}

/** Where clients are sent: a path of the same host, or a URL, without a query; undefined when it is neither. */
export function readLocation(value: string): string | undefined {
  if (/[?#]/.test(value)) return undefined
  if (value.startsWith('/')) return /^\/(?![/\\])[\x21-\x7e]*$/.test(value) ? value : undefined
  const read = readUrl(value)
  return 'value' in read ? read.value : undefined
}

/** A URL as it is asked for, without a fragment; or what is wrong with it. */
export function readUrl(value: string): { readonly value: string } | { readonly wrong: string } {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return { wrong: 'is no URL' }
  const url = new URL(value)
  if (url.username !== '' || url.password !== '') return { wrong: 'has a user or password' }
  if (url.hash !== '' || value.includes('#')) return { wrong: 'has a fragment' }
  if (url.port === '0') return { wrong: 'has port 0' }
  return { value: url.href }
}

/** `host:port` of an origin, the port always named; of a socket its path with `-` for slashes, such as `unix:run-app.sock`. */
export function hostAndPort(origin: string): string {
  if (origin.startsWith('unix:')) return `unix:${origin.slice('unix:/'.length).replace(/[^\w.-]+/g, '-')}`
  const url = new URL(origin)
  return `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`
}

/** In lower case without the final dot; `*.` may begin it. An IPv6 address stands in brackets. Undefined when it is no host. */
export function readHost(value: string): string | undefined {
  const host = value.toLowerCase().replace(/\.$/, '')
  if (host.startsWith('[') && host.endsWith(']')) return isIP(host.slice(1, -1)) === 6 ? host : undefined
  const name = host.startsWith('*.') ? host.slice(2) : host
  return isHostname(name) ? host : undefined
}

function isHostname(name: string): boolean {
  return (
    name.length <= 253 &&
    /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i.test(name)
  )
}
