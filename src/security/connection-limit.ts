import { isIP } from 'node:net'
import { type Networks, plainAddress } from './networks.ts'

/** The networks of one customer are as many addresses as they like: a /64 of IPv6 counts as one (RFC 6177). */
export function addressBlock(address: string): string {
  const plain = plainAddress(address.split('%')[0] ?? '')
  if (isIP(plain) !== 6) return plain
  const [head = '', tail = ''] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const missing = plain.includes('::') ? 8 - before.length - after.length : 0
  const groups = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after]
  return groups
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}

/** Bounds how many connections one address has open at once. It remembers those that have one, and nobody else. */
export class ConnectionLimit {
  readonly #most: number
  readonly #exempt: Pick<Networks, 'has'>
  readonly #open = new Map<string, number>()

  /** `most` 0 is no bound. `exempt` are proxies, behind which many clients are. */
  constructor(most: number, exempt: Pick<Networks, 'has'>) {
    this.#most = most
    this.#exempt = exempt
  }

  /** What to call when the connection is closed; undefined where it is one too many, and to be closed now. */
  open(address: string): (() => void) | undefined {
    if (this.#most === 0 || this.#exempt.has(address)) return uncounted
    const block = addressBlock(address)
    const count = this.#open.get(block) ?? 0
    if (count >= this.#most) return undefined
    this.#open.set(block, count + 1)
    return () => this.#closed(block)
  }

  #closed(block: string): void {
    const left = (this.#open.get(block) ?? 0) - 1
    if (left > 0) this.#open.set(block, left)
    else this.#open.delete(block)
  }
}

const uncounted = () => {}
