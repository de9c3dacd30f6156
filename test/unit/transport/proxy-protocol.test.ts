import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crc32c } from '../../../src/transport/crc32c.ts'
import { type ProxyHeader, readProxyHeader } from '../../../src/transport/proxy-protocol.ts'
import { below, oneOf, seeded } from '../fixtures/seed.ts'

const line = (text: string) => readProxyHeader(Buffer.from(text, 'latin1'))
const incomplete: ProxyHeader = { kind: 'incomplete' }
const malformed: ProxyHeader = { kind: 'malformed' }

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** A header of version 2 with the length that it has, or claims. */
function binary(command: number, family: number, rest: Uint8Array, length = rest.length): Buffer {
  return Buffer.concat([signature, Buffer.from([command, family, length >> 8, length & 0xff]), rest])
}

const ipv4 = Buffer.from('cb007107c0000201dc0401bb', 'hex')
const ipv6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000007', 'hex'),
  Buffer.from('00000000000000000000000000000001', 'hex'),
  Buffer.from('dc0401bb', 'hex')
])
const tlv = (type: number, value: Uint8Array) =>
  Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 255]), value])

const from4 = { address: '203.0.113.7', family: 'IPv4', port: 56324 }
const from6 = { address: '2001:db8::7', family: 'IPv6', port: 56324 }

describe('version 1', () => {
  test('gives the source of TCP over IPv4 and IPv6', () => {
    const four = 'PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n'
    assert.deepEqual(line(`${four}GET /`), { kind: 'header', length: four.length, source: from4 })
    const six = 'PROXY TCP6 2001:DB8::7 ::1 56324 443\r\n'
    assert.deepEqual(line(six), { kind: 'header', length: six.length, source: from6 })
    const longest = `PROXY TCP6 ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`
    assert.equal(longest.length, 104)
    assert.equal(line(longest).kind, 'header')
  })

  test('UNKNOWN gives none, whatever follows it', () => {
    for (const rest of ['', ' ', ' x', ` ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535`]) {
      const text = `PROXY UNKNOWN${rest}\r\n`
      assert.deepEqual(line(text), { kind: 'header', length: text.length, source: undefined })
    }
    assert.deepEqual(line('PROXY UNKNOWNS\r\n'), malformed)
  })

  test('is at most 107 bytes long', () => {
    const filled = (length: number) => `PROXY UNKNOWN ${'x'.repeat(length - 16)}\r\n`
    assert.deepEqual(line(filled(107)), { kind: 'header', length: 107, source: undefined })
    assert.deepEqual(line(filled(108)), malformed)
    assert.deepEqual(line(`PROXY UNKNOWN ${'x'.repeat(92)}`), incomplete)
    assert.deepEqual(line(`PROXY UNKNOWN ${'x'.repeat(93)}`), malformed)
  })

  test('is refused where it does not match exactly', () => {
    const wrong = [
      'PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 56324 443 \r\n',
      'PROXY TCP4  203.0.113.7 192.0.2.1 56324 443\r\n',
      'PROXY  TCP4 203.0.113.7 192.0.2.1 56324 443\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 56324\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 056324 443\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 65536 443\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 -1 443\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 +1 443\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 1e3 443\r\n',
      'PROXY TCP4 203.0.113.7 192.0.2.1 1 65536\r\n',
      'PROXY TCP4 203.0.113.07 192.0.2.1 1 2\r\n',
      'PROXY TCP4 203.0.113 192.0.2.1 1 2\r\n',
      'PROXY TCP4 203.0.113.7 ::1 1 2\r\n',
      'PROXY TCP4 ::1 ::1 1 2\r\n',
      'PROXY TCP6 203.0.113.7 192.0.2.1 1 2\r\n',
      'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
      'PROXY TCP6 2001::db8::1 ::1 1 2\r\n',
      'PROXY TCP5 203.0.113.7 192.0.2.1 1 2\r\n',
      'PROXY tcp4 203.0.113.7 192.0.2.1 1 2\r\n',
      'PROXY UDP4 203.0.113.7 192.0.2.1 1 2\r\n',
      'PROXY \r\n',
      'PROXY\r\n',
      'proxy TCP4 203.0.113.7 192.0.2.1 1 2\r\n',
      ' PROXY TCP4 203.0.113.7 192.0.2.1 1 2\r\n',
      'GET / HTTP/1.1\r\n'
    ]
    for (const text of wrong) assert.deepEqual(line(text), malformed, JSON.stringify(text))
  })
})

describe('version 2', () => {
  test('gives the source of TCP over IPv4 and IPv6, and skips what follows the addresses', () => {
    assert.deepEqual(readProxyHeader(binary(0x21, 0x11, ipv4)), { kind: 'header', length: 28, source: from4 })
    assert.deepEqual(readProxyHeader(binary(0x21, 0x21, ipv6)), { kind: 'header', length: 52, source: from6 })
    const more = Buffer.concat([ipv4, tlv(0x01, Buffer.from('h2')), tlv(0xea, Buffer.alloc(300)), tlv(0x04, Buffer.alloc(0))])
    assert.deepEqual(readProxyHeader(binary(0x21, 0x11, more)), { kind: 'header', length: 16 + more.length, source: from4 })
  })

  test('gives none for LOCAL, UNIX, datagrams and what is unspecified', () => {
    const none = (bytes: Buffer): ProxyHeader => ({ kind: 'header', length: bytes.length, source: undefined })
    const all = [
      binary(0x20, 0x00, Buffer.alloc(0)),
      binary(0x20, 0x11, ipv4),
      binary(0x20, 0x11, Buffer.alloc(3)),
      binary(0x20, 0xff, Buffer.alloc(70, 0xff)),
      binary(0x21, 0x00, Buffer.alloc(0)),
      binary(0x21, 0x00, Buffer.alloc(9, 0xff)),
      binary(0x21, 0x10, Buffer.alloc(0)),
      binary(0x21, 0x02, Buffer.alloc(5)),
      binary(0x21, 0x12, ipv4),
      binary(0x21, 0x22, ipv6),
      binary(0x21, 0x31, Buffer.alloc(216)),
      binary(0x21, 0x32, Buffer.alloc(216))
    ]
    for (const bytes of all) assert.deepEqual(readProxyHeader(bytes), none(bytes), bytes.toString('hex'))
  })

  test('is refused with an unknown command, family or protocol, as soon as that is there', () => {
    for (const command of [0x00, 0x01, 0x10, 0x11, 0x22, 0x2f, 0x31, 0xf1]) {
      assert.deepEqual(readProxyHeader(binary(command, 0x11, ipv4)), malformed)
      assert.deepEqual(readProxyHeader(Buffer.concat([signature, Buffer.from([command])])), malformed)
    }
    for (const family of [0x13, 0x1f, 0x41, 0x40, 0xf0, 0x03]) {
      assert.deepEqual(readProxyHeader(binary(0x21, family, Buffer.alloc(216))), malformed)
      assert.deepEqual(readProxyHeader(Buffer.concat([signature, Buffer.from([0x21, family])])), malformed)
    }
  })

  test('is refused where it is too short for its addresses, or longer than 16 KiB', () => {
    assert.deepEqual(readProxyHeader(binary(0x21, 0x11, ipv4.subarray(1))), malformed)
    assert.deepEqual(readProxyHeader(binary(0x21, 0x21, ipv6.subarray(1))), malformed)
    assert.deepEqual(readProxyHeader(binary(0x21, 0x31, Buffer.alloc(215))), malformed)
    assert.deepEqual(readProxyHeader(binary(0x21, 0x11, ipv4, 16_384 - 16)), incomplete)
    assert.deepEqual(readProxyHeader(binary(0x21, 0x11, ipv4, 16_385 - 16)), malformed)
  })

  test('is refused where a TLV goes beyond its end', () => {
    for (const rest of ['01', '0100', '010001', '01000400', '0400000100ff'])
      assert.deepEqual(readProxyHeader(binary(0x21, 0x11, Buffer.concat([ipv4, Buffer.from(rest, 'hex')]))), malformed)
  })

  test('is refused where its checksum is wrong', () => {
    const summed = (change: (bytes: Buffer) => void) => {
      const bytes = binary(0x21, 0x11, Buffer.concat([ipv4, tlv(0x01, Buffer.from('h2')), tlv(0x03, Buffer.alloc(4))]))
      bytes.writeUInt32BE(crc32c(bytes), bytes.length - 4)
      change(bytes)
      return readProxyHeader(bytes).kind
    }
    assert.equal(
      summed(() => {}),
      'header'
    )
    for (let at = 16; at < 28; at++)
      assert.equal(
        summed(bytes => void bytes.writeUInt8((bytes[at] ?? 0) ^ 1, at)),
        'malformed'
      )
    assert.deepEqual(readProxyHeader(binary(0x21, 0x11, Buffer.concat([ipv4, tlv(0x03, Buffer.alloc(3))]))), malformed)
  })
})

test('however the bytes come, what they are is the same', () => {
  const headers = [
    Buffer.from('PROXY TCP4 203.0.113.7 192.0.2.1 56324 443\r\n'),
    Buffer.from('PROXY TCP6 2001:db8::7 ::1 56324 443\r\n'),
    Buffer.from('PROXY UNKNOWN a b c\r\n'),
    binary(0x21, 0x11, ipv4),
    binary(0x21, 0x21, Buffer.concat([ipv6, tlv(0x02, Buffer.from('shop.example'))])),
    binary(0x20, 0x00, Buffer.alloc(0))
  ]
  for (const header of headers) {
    const whole = readProxyHeader(header)
    assert.equal(whole.kind, 'header')
    for (let length = 0; length < header.length; length++)
      assert.deepEqual(readProxyHeader(header.subarray(0, length)), incomplete, `${header.toString('hex')} to ${length}`)
    for (const behind of ['G', '\r', '\r\n', 'PROXY '])
      assert.deepEqual(readProxyHeader(Buffer.concat([header, Buffer.from(behind)])), whole)
  }
})

test('no bytes make it fail, ask for more than it may, or change its mind', t => {
  const random = seeded(t, 41)
  const starts = [
    Buffer.from('PROXY '),
    Buffer.from('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'),
    signature,
    binary(0x21, 0x11, ipv4),
    binary(0x21, 0x21, ipv6)
  ]
  for (let round = 0; round < 20_000; round++) {
    const start = Buffer.from(oneOf(random, starts))
    const bytes = Buffer.concat([start, Buffer.from(Array.from({ length: below(random, 130) }, () => below(random, 256)))])
    for (let changes = below(random, 3); changes > 0; changes--) bytes.writeUInt8(below(random, 256), below(random, bytes.length))
    let decided: ProxyHeader | undefined
    for (let length = 0; length <= bytes.length; length += 1 + below(random, 20)) {
      const now = readProxyHeader(bytes.subarray(0, length))
      if (decided !== undefined) assert.deepEqual(now, decided, bytes.toString('hex'))
      else if (now.kind !== 'incomplete') decided = now
      if (now.kind === 'header') assert.ok(now.length <= length)
    }
  }
})

test('CRC-32C is that of its published examples', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
})
