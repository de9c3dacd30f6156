import { BlockList, isIP } from 'node:net'

/** A set of networks and addresses, such as `10.0.0.0/8` or `::1`. */
export class Networks {
  /** Apart: a BlockList takes IPv4 for a part of IPv6, and who writes `::/0` means the other one alone. */
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() }
  readonly empty: boolean

  /** Throws a RangeError for what is no address or network. */
  constructor(networks: readonly string[]) {
    this.empty = networks.length === 0
    for (const network of networks) this.#add(network)
  }

  #add(network: string): void {
    const [written = '', bits] = network.split('/')
    const plain = plainAddress(written)
    // `::ffff:10.0.0.0/104` is 10.0.0.0/8. What is wider than all of IPv4 is no network of it.
    const mapped = plain !== written && (bits === undefined || Number(bits) >= 96)
    const address = mapped ? plain : written
    const family = familyOf(address)
    if (family === undefined) throw new RangeError(`"${network}" is no network`)
    const length = bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits) - (mapped ? 96 : 0)
    this.#lists[family].addSubnet(address, length, family)
  }

  has(address: string): boolean {
    if (this.empty) return false
    const plain = plainAddress(address)
    const family = familyOf(plain)
    return family !== undefined && this.#lists[family].check(plain, family)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
}

/** What some proxies add to an address in X-Forwarded-For: a port, and the brackets that it needs. */
const withPort = /^(?:\[([\da-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3}))(?::\d{1,5})?$/i

/** The address of a client, without a port or the name of an interface; undefined for what is no address. */
export function clientAddress(written: string): string | undefined {
  const [, bracketed, dotted] = withPort.exec(written) ?? []
  const [address = ''] = (bracketed ?? dotted ?? written).split('%')
  return isIP(address) === 0 ? undefined : plainAddress(address)
}

/** An IPv4 address that came over a dual-stack socket is the IPv4 address, in whatever way that is written. */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7)
  if (!/ffff/i.test(address) || isIP(address) !== 6) return address
  // The one form of RFC 5952, with the last 32 bits in hexadecimal.
  const canonical = URL.parse(`http://[${address}]`)?.hostname ?? ''
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return address
  const [one, two] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return `${one >> 8}.${one & 255}.${two >> 8}.${two & 255}`
}
