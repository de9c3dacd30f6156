import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'

/** A client's wish to go on with another protocol on its connection (RFC 9110 section 7.8). */
export interface Upgrade {
  /** As an Upgrade field has them. */
  readonly protocols: string
  /** Whether the target has said what proves that it understood. Absent: the client sees for itself. */
  proves?(headers: IncomingHttpHeaders): boolean
  /** Whether the client would take an answer of this status for a granted wish. Absent: of none but its own. */
  isGrantedBy?(status: number): boolean
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
export function chosenProtocol(upgrade: Upgrade, headers: IncomingHttpHeaders): string | undefined {
  const chosen = headers.upgrade?.trim()
  if (chosen === undefined || upgrade.proves?.(headers) === false) return undefined
  return upgrade.protocols.toLowerCase().split(', ').includes(chosen.toLowerCase()) ? chosen : undefined
}
