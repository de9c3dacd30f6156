import { BlockList, isIP } from 'node:net'

/** A set of networks and addresses, such as `10.0.0.0/8` or `::1`. */
export class Networks {
  readonly #list = new BlockList()
  readonly empty: boolean

  /** Throws a RangeError for what is no address or network. */
  constructor(networks: readonly string[]) {
    this.empty = networks.length === 0
    for (const network of networks) this.#add(network)
  }

  #add(network: string): void {
    const [address = '', bits] = network.split('/')
    const family = familyOf(address)
    if (family === undefined) throw new RangeError(`"${network}" is no network`)
    this.#list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family)
  }

  has(address: string): boolean {
    if (this.empty) return false
    const plain = plainAddress(address)
    const family = familyOf(plain)
    return family !== undefined && this.#list.check(plain, family)
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 4 ? 'ipv4' : version === 6 ? 'ipv6' : undefined
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
