import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import path from 'node:path'
import { haproxyWith, nginxWith } from '../../bench/macro/installed.ts'
import type { TestScope } from '../../src/testing.ts'
import { freePort } from './free-port.ts'
import { writeHaproxy } from './peers/haproxy.ts'
import { writeNginx } from './peers/nginx.ts'
import type { Peering, PeerPlace } from './peers/place.ts'
import { temporary } from './temporary.ts'
import { until } from './until.ts'

const peers = { nginx: nginxWith<PeerPlace>(writeNginx), haproxy: haproxyWith<PeerPlace>(writeHaproxy) }

export type PeerName = keyof typeof peers

export const isPeer = (name: string): name is PeerName => Object.hasOwn(peers, name)

/** Starts nginx or HAProxy in front of some targets, on a port of 127.0.0.1, until the test ends. Answers with its URL. */
export async function startPeer(t: TestScope, name: PeerName, peering: Peering): Promise<string> {
  const peer = peers[name]
  const missing = peer.missing()
  if (missing !== undefined) throw new Error(`${name}: ${missing}`)
  const port = await freePort()
  const { file, args } = peer.command({ ...peering, port, directory: await temporary(t) })
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(child, 'exit')
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(0, 2000)
  })
  t.after(async () => {
    child.kill()
    await exit
  })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`${path.basename(file)} ended: ${errors}`)
    return listens(port)
  })
  return `${peering.tls ? 'https' : 'http'}://127.0.0.1:${port}`
}

/** Whether someone takes connections at a port of 127.0.0.1. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const made = await new Promise<boolean>(resolve => socket.on('connect', () => resolve(true)).on('error', () => resolve(false)))
  socket.destroy()
  return made
}
