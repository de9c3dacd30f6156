import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Installs what would be published into an empty folder, starts it there, and sends one request through it. */
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'evergate-package-'))
const npm = (args: string[], cwd: string) => execFileSync('npm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] })

const upstream = createServer((_request, response) => response.end('from the upstream')).listen(0, '127.0.0.1')
await once(upstream, 'listening')
// A server that listens on a port has an AddressInfo.
const { port } = upstream.address() as AddressInfo

try {
  npm(['pack', '--pack-destination', folder], root)
  const [tarball = ''] = readdirSync(folder)
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }')
  npm(['install', '--no-package-lock', `./${tarball}`], folder)
  const config = {
    listen: '127.0.0.1:0',
    admin: false,
    drain: { notReady: '0ms' },
    upstreams: { api: { targets: [`http://127.0.0.1:${port}`] } },
    routes: [{ prefix: '/', upstream: 'api' }]
  }
  writeFileSync(path.join(folder, 'gateway.json'), JSON.stringify(config))
  await tryStart(path.join(folder, 'node_modules/evergate/bin/evergate.js'))
  console.log(`${tarball}: installs, starts, forwards and stops`)
} finally {
  upstream.close()
  rmSync(folder, { recursive: true, force: true })
}

async function tryStart(launcher: string): Promise<void> {
  const gateway = spawn(process.execPath, [launcher, 'start', '-c', 'gateway.json'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const ended = once(gateway, 'exit')
  try {
    const url = await listeningUrl(gateway.stderr)
    const text = await (await fetch(`${url}/x`)).text()
    if (text !== 'from the upstream') throw new Error(`the answer is ${text}`)
  } finally {
    gateway.kill('SIGTERM')
  }
  const [code] = await ended
  if (code !== 0) throw new Error(`it ended with ${code}`)
}

/** From the line that says where it listens; rejects with what was said instead. */
async function listeningUrl(output: NodeJS.ReadableStream): Promise<string> {
  let said = ''
  for await (const chunk of output) {
    said += chunk
    const url = /listens on (http:\S+?)[;\s]/.exec(said)?.[1]
    if (url !== undefined) return url
  }
  throw new Error(`it did not start: ${said}`)
}
