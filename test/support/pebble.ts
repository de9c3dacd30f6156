import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { TestScope } from '../../src/testing.ts'
import { authority, certificate } from './certificate.ts'
import { freePort } from './free-port.ts'
import { askSecurely } from './secure.ts'
import { temporary } from './temporary.ts'

/** Why tests with an ACME server cannot run here, or false. Where CI is set they run, and fail without it. */
export const withoutPebble: string | false =
  process.env['CI'] === undefined && spawnSync('pebble', ['-h']).error !== undefined
    ? 'pebble is not installed (Debian package pebble)'
    : false

/** Let's Encrypt's ACME server for tests. For it, every name leads to this machine. */
export interface Pebble {
  readonly directory: string
  /** Whom the directory is trusted by, as PEM. */
  readonly ca: string
  /** What it has said so far. */
  readonly said: readonly string[]
  /** Where it asks, in place of port 80, once this is known. */
  leadTo(port: number): void
  /** The certificate that its chains end with, as PEM. */
  root(): Promise<string>
  kill(): Promise<void>
}

/** Starts one that ends with the test; `lifetimeSeconds` is its certificates'. */
export async function pebble(
  t: TestScope,
  env: Readonly<Record<string, string>> = {},
  lifetimeSeconds?: number
): Promise<Pebble> {
  const directory = await temporary(t)
  const signer = authority('pebble')
  const own = certificate({ names: ['127.0.0.1'], by: signer })
  const [port, managementPort, dnsPort, relay] = [await freePort(), await freePort(), await nameServer(t), await relayTo(t)]
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: path.join(directory, 'cert.pem'),
    privateKey: path.join(directory, 'key.pem'),
    httpPort: relay.port,
    tlsPort: 1,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    ...(lifetimeSeconds !== undefined && { certificateValidityPeriod: lifetimeSeconds })
  }
  await writeFile(config.certificate, own.cert)
  await writeFile(config.privateKey, own.key)
  const file = path.join(directory, 'pebble.json')
  await writeFile(file, JSON.stringify({ pebble: config }))
  const child = spawn('pebble', ['-config', file, '-dnsserver', `127.0.0.1:${dnsPort}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', ...env }
  })
  const kill = () => end(child)
  t.after(kill)
  const said = await listening(child)
  return {
    directory: `https://127.0.0.1:${port}/dir`,
    ca: signer.cert,
    said,
    leadTo: relay.leadTo,
    root: async () => (await askSecurely(`https://127.0.0.1:${managementPort}/roots/0`)).text,
    kill
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Its lines, once it listens. */
async function listening({ stdout, stderr }: ChildProcess): Promise<readonly string[]> {
  const said: string[] = []
  if (stdout === null || stderr === null) throw new Error('it has outputs')
  stderr.resume()
  const lines = createInterface({ input: stdout })
  lines.on('line', line => said.push(line))
  const listens = (line: string) => line.includes('ACME directory available')
  await new Promise<void>((resolve, reject) => {
    lines.on('line', line => listens(line) && resolve())
    lines.on('close', () => reject(new Error(`pebble did not start: ${said.join('\n')}`)))
  })
  return said
}

/** A port that leads to another one which is not known yet. */
async function relayTo(t: TestScope): Promise<{ readonly port: number; leadTo(port: number): void }> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = createServer(async socket => {
    t.after(async () => void socket.destroy())
    const there = connect(await promise, '127.0.0.1')
    const close = () => {
      socket.destroy()
      there.destroy()
    }
    socket.on('error', close).on('close', close)
    there.on('error', close).on('close', close)
    socket.pipe(there).pipe(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => void server.close())
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('a server that listens has an address')
  return { port: address.port, leadTo: resolve }
}

/** Says of every name that its IPv4 address is 127.0.0.1, and that it has no other (RFC 1035 section 4). */
async function nameServer(t: TestScope): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5
    const isA = query.readUInt16BE(end - 4) === 1
    const head = Buffer.from(query.subarray(0, 12))
    // An answer, with authority, recursion wanted and available; one question, so many answers.
    head.writeUInt16BE(0x8580, 2)
    head.writeUInt16BE(isA ? 1 : 0, 6)
    head.writeUInt32BE(0, 8)
    const answer = isA ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1] : []
    socket.send(Buffer.concat([head, query.subarray(12, end), Buffer.from(answer)]), port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.after(async () => void socket.close())
  return socket.address().port
}
