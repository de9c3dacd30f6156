import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { SelfSigned } from '../certificate.ts'

/** What stands on both sides of a peer. */
export interface Peering {
  /**
   * `websocket`: HTTP/1.1 with upgrades on both sides; `cache`: the same with its cache in place of upgrades; `http2`: HTTP/2 from
   * clients, HTTP/1.1 to targets; `grpc`: HTTP/2 on both sides.
   */
  readonly speaks: 'websocket' | 'cache' | 'http2' | 'grpc'
  /** Origins; with `https:`, targets are asked over TLS, whatever their certificate. */
  readonly targets: readonly string[]
  /** Towards clients; without TLS when absent. */
  readonly tls?: SelfSigned | undefined
}

export interface PeerPlace extends Peering {
  readonly port: number
  readonly directory: string
}

/** Where certificate and key of a peer are, in one file. */
export function certificateFile({ cert, key }: SelfSigned, directory: string): string {
  const file = path.join(directory, 'certificate.pem')
  writeFileSync(file, `${cert}${key}`)
  return file
}

/** Host and port of each target, and whether they are asked over TLS. */
export function targetsOf({ targets }: Peering): { readonly hosts: readonly string[]; readonly secure: boolean } {
  const urls = targets.map(target => new URL(target))
  return { hosts: urls.map(({ host }) => host), secure: urls.some(({ protocol }) => protocol === 'https:') }
}

/** Whether clients speak HTTP/2. */
export const isHttp2 = ({ speaks }: Peering) => speaks === 'http2' || speaks === 'grpc'
