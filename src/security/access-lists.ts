import type { AccessList, ListName } from '../model/access.ts'
import { clientAddress, Networks } from './networks.ts'

export interface Lists {
  /** Networks as they are written; none: everybody. */
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

/**
 * Who may come in, by address. `deny` wins over `allow`, and an empty `allow` is everybody. Whoever's address cannot be read is
 * in no network: where there is a list, it does not pass.
 */
class AccessLists implements AccessList {
  readonly #allow: Networks
  readonly #deny: Networks

  constructor({ allow, deny }: Lists) {
    this.#allow = new Networks(allow)
    this.#deny = new Networks(deny)
  }

  refusedBy(ip: string): ListName | undefined {
    const address = clientAddress(ip)
    if (address === undefined) return this.#deny.empty ? 'allow' : 'deny'
    if (this.#deny.has(address)) return 'deny'
    return this.#allow.empty || this.#allow.has(address) ? undefined : 'allow'
  }
}

/** Undefined where nobody is refused. Throws a RangeError for what is no network. */
export function accessList(lists: Lists): AccessList | undefined {
  return lists.allow.length + lists.deny.length === 0 ? undefined : new AccessLists(lists)
}
