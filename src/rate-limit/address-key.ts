/** Of an IPv6 address, as many groups of 16 bits are one client's: whoever has one address of a /64 has all of them. */
const ownGroups = 4

/**
 * What requests from an address are counted under: an IPv4 address as it is, also where it is written as an IPv6 one; the /64 of
 * an IPv6 address (RFC 6177), however it is written. What is no address is a key of its own.
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  const [text = ''] = address.toLowerCase().split('%', 1)
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1]
  if (dotted !== undefined) return dotted
  const groups = groupsOf(text)
  if (groups === undefined) return address
  if (groups.slice(0, 5).every(group => group === 0) && groups[5] === 0xffff) return fromMapped(groups)
  return `${groups
    .slice(0, ownGroups)
    .map(group => group.toString(16))
    .join(':')}::/64`
}

/** The eight numbers of an IPv6 address; undefined for anything else. A dotted end counts as two. */
function groupsOf(text: string): number[] | undefined {
  const [head = '', tail, more] = text.split('::')
  const before = numbersOf(head)
  const after = numbersOf(tail ?? '')
  if (before === undefined || after === undefined || more !== undefined) return undefined
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  return [...before, ...Array.from({ length: missing }, () => 0), ...after]
}

function numbersOf(text: string): number[] | undefined {
  if (text === '') return []
  const numbers = text.split(':').flatMap(part => {
    if (/^[0-9a-f]{1,4}$/.test(part)) return [Number.parseInt(part, 16)]
    const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(part)?.slice(1).map(Number) ?? []
    return bytes.length === 4 ? [bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!] : [Number.NaN]
  })
  return numbers.some(Number.isNaN) ? undefined : numbers
}

function fromMapped(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}
