import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'

/** A client's wish to go on with another protocol on its connection (RFC 9110 section 7.8). */
export interface Upgrade {
  /** As an Upgrade field has them. */
  readonly protocols: string
  /** Tells the client that its wish is granted. What is read and written from now on belongs to the chosen protocol. */
  accept(fields: OutgoingHttpHeaders, chosen: string): Duplex
}

const upgradeKey = Symbol('evergate.upgrade')
type Upgrading = IncomingMessage & { [upgradeKey]?: Upgrade }

/** What a request asks to go on with; undefined for nearly every one. */
export const upgradeOf = (request: IncomingMessage): Upgrade | undefined => (request as Upgrading)[upgradeKey]

/** For the server, before the app is asked. */
export function setUpgrade(request: IncomingMessage, upgrade: Upgrade): void {
  ;(request as Upgrading)[upgradeKey] = upgrade
}

/** The protocol that an upstream has switched to; undefined where it was not asked for that. */
export function chosenProtocol({ protocols }: Upgrade, answered: string | string[] | undefined): string | undefined {
  if (typeof answered !== 'string') return undefined
  const asked = protocols.toLowerCase().split(', ')
  return asked.includes(answered.trim().toLowerCase()) ? answered.trim() : undefined
}
