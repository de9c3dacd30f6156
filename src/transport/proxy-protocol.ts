import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { crc32c } from './crc32c.ts'

/** An end of a connection, as a PROXY header gives it. */
export interface Endpoint {
  readonly address: string
  readonly family: 'IPv4' | 'IPv6'
  readonly port: number
}

/** What the first bytes of a connection are. */
export type ProxyHeader =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed' }
  /** `length` bytes long. Without a source the connection's own addresses count. */
  | { readonly kind: 'header'; readonly length: number; readonly source: Endpoint | undefined }

/** "A 108-byte buffer is always enough to store all the line and a trailing zero" (section 2.1). */
const longestLine = 107
/** Of version 2, TLVs included: as much as HAProxy's own buffer takes in. */
const longestHeader = 16_384

const prefix = Buffer.from('PROXY ')
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n')
const fixedLength = 16

const incomplete: ProxyHeader = { kind: 'incomplete' }
const malformed: ProxyHeader = { kind: 'malformed' }

/**
 * Reads a header of the PROXY protocol, version 1 or 2, from the first bytes of a connection.
 * Source: https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (begins(bytes, prefix)) return bytes.length < prefix.length ? incomplete : readLine(bytes)
  if (begins(bytes, signature)) return bytes.length < fixedLength ? incompleteUnlessWrong(bytes) : readBinary(bytes)
  return malformed
}

/** What is there so far agrees with it. */
function begins(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length)
  return bytes.compare(expected, 0, length, 0, length) === 0
}

/** Section 2.1: the line ends with CRLF, and a single CR or LF ends the connection. */
function readLine(bytes: Buffer): ProxyHeader {
  const text = bytes.toString('latin1', 0, longestLine)
  const end = text.search(/[\r\n]/)
  if (end < 0 || (text[end] === '\r' && end === text.length - 1)) return text.length < longestLine ? incomplete : malformed
  if (!text.startsWith('\r\n', end)) return malformed
  const line = text.slice(0, end)
  const length = end + 2
  // "The receiver must ignore anything presented before the CRLF is found".
  if (line === 'PROXY UNKNOWN' || line.startsWith('PROXY UNKNOWN ')) return { kind: 'header', length, source: undefined }
  const [, protocol, from = '', to = '', fromPort, toPort, ...more] = line.split(' ')
  const isAddress = protocol === 'TCP4' ? isIPv4 : protocol === 'TCP6' ? isPlainIPv6 : undefined
  const [port, otherPort] = [portOf(fromPort), portOf(toPort)]
  if (isAddress === undefined || !isAddress(from) || !isAddress(to) || more.length > 0) return malformed
  if (port === undefined || otherPort === undefined) return malformed
  const source: Endpoint =
    protocol === 'TCP4' ? { address: from, family: 'IPv4', port } : { address: canonical(from), family: 'IPv6', port }
  return { kind: 'header', length, source }
}

const isPlainIPv6 = (text: string) => isIPv6(text) && !text.includes('%')

/** Decimal without leading zeros, 0 to 65535. */
function portOf(text = ''): number | undefined {
  if (!/^(?:0|[1-9]\d{0,4})$/.test(text)) return undefined
  return Number(text) <= 65_535 ? Number(text) : undefined
}

/** Version and command, family, length: bytes 12 to 15 (section 2.2). Each is judged as soon as it is there. */
function incompleteUnlessWrong(bytes: Buffer): ProxyHeader {
  const [command, family] = [bytes[12], bytes[13]]
  if (command !== undefined && command !== 0x20 && command !== 0x21) return malformed
  return command === 0x21 && family !== undefined && leastAddresses(family) === undefined ? malformed : incomplete
}

/** Section 2.2. */
function readBinary(bytes: Buffer): ProxyHeader {
  if (incompleteUnlessWrong(bytes) === malformed) return malformed
  const length = fixedLength + bytes.readUInt16BE(14)
  if (length > longestHeader) return malformed
  const isLocal = bytes[12] === 0x20
  const family = bytes[13] ?? 0
  const addresses = isLocal ? 0 : (leastAddresses(family) ?? 0)
  if (fixedLength + addresses > length) return malformed
  if (bytes.length < length) return incomplete
  const header = bytes.subarray(0, length)
  // "The receiver must accept this connection as valid and must use the real connection endpoints and discard the protocol block".
  if (isLocal) return { kind: 'header', length, source: undefined }
  if (addresses > 0 && !areTlvsSound(header, fixedLength + addresses)) return malformed
  return { kind: 'header', length, source: sourceOf(header, family) }
}

const unspecified = 0x00
const stream4 = 0x11
const stream6 = 0x21

/** Bytes that the addresses take, by the family in the high four bits. */
const addressLengths = [0, 12, 36, 216]

/** How many bytes the addresses of a family take; undefined for what "must be rejected as invalid by receivers". */
function leastAddresses(family: number): number | undefined {
  const protocol = family & 0x0f
  if (protocol > 2) return undefined
  const length = addressLengths[family >> 4]
  return protocol === unspecified && length !== undefined ? 0 : length
}

/** Datagrams and UNIX sockets are no addresses of a client of HTTP: the connection's own count, as where nothing is specified. */
function sourceOf(header: Buffer, family: number): Endpoint | undefined {
  if (family === stream4) return { address: header.subarray(16, 20).join('.'), family: 'IPv4', port: header.readUInt16BE(24) }
  if (family !== stream6) return undefined
  const groups = Array.from({ length: 8 }, (_, index) => header.readUInt16BE(16 + index * 2).toString(16))
  return { address: canonical(groups.join(':')), family: 'IPv6', port: header.readUInt16BE(48) }
}

/** In the one form of RFC 5952. */
const canonical = (address: string) => new SocketAddress({ address, family: 'ipv6' }).address

const crcType = 0x03

/**
 * Type, length, value fill what is left; a checksum among them is right (sections 2.2 and 2.2.3). Where the family is unspecified
 * nothing says where they begin.
 */
function areTlvsSound(header: Buffer, from: number): boolean {
  let at = from
  while (at < header.length) {
    if (at + 3 > header.length) return false
    const type = header[at]
    const length = header.readUInt16BE(at + 1)
    const value = at + 3
    at = value + length
    if (at > header.length) return false
    if (type === crcType && !(length === 4 && isChecksum(header, value))) return false
  }
  return true
}

function isChecksum(header: Buffer, at: number): boolean {
  const zeroed = Buffer.from(header).fill(0, at, at + 4)
  return crc32c(zeroed) === header.readUInt32BE(at)
}
