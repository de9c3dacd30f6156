import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { ConfigInput, TestScope } from '../../src/testing.ts'
import { temporary } from './temporary.ts'

const launcher = path.resolve(import.meta.dirname, '../../bin/evergate.js')

/** `evergate start` in a process of its own. */
export interface Process {
  readonly url: string
  readonly port: number
  readonly adminUrl: string
  readonly child: ChildProcess
  /** Lines of the log so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** Resolves with the first line of the log whose message is this, past ones included. */
  logged(message: string): Promise<Readonly<Record<string, unknown>>>
  /** Resolves with the exit code when the process is gone; null after a signal. */
  readonly exited: Promise<number | null>
}

/** Starts one on free ports, with `files` beside its configuration. It is killed with the test. */
export async function evergate(
  t: TestScope,
  config: ConfigInput,
  files: Readonly<Record<string, string>> = {}
): Promise<Process> {
  const directory = await temporary(t)
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text)
  const file = path.join(directory, 'gateway.json')
  await writeFile(file, JSON.stringify({ listen: '127.0.0.1:0', admin: '127.0.0.1:0', ...config }))
  const child = spawn(process.execPath, [launcher, 'start', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit').then(([code]): number | null => code)
  t.after(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines = createInterface({ input: child.stdout })
  const log: Record<string, unknown>[] = []
  lines.on('line', line => log.push(JSON.parse(line)))
  const logged = async (message: string) => {
    for (;;) {
      const found = log.find(({ msg }) => msg === message)
      if (found !== undefined) return found
      await Promise.race([once(lines, 'line'), once(lines, 'close')])
      if (child.exitCode !== null) throw new Error(`the process ended without saying ${message}`)
    }
  }
  const { url, adminUrl } = await addressesOf(child)
  return { url, adminUrl, port: Number(new URL(url).port), child, log, logged, exited }
}

/** What `evergate start` says once it listens. Rejects with its words when it does not. */
async function addressesOf({ stderr }: ChildProcess): Promise<{ url: string; adminUrl: string }> {
  let said = ''
  for await (const chunk of stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    said += chunk
    const [line, url, adminUrl] = /^.*listens on ([^\s;]+)(?:; admin on ([^\s;]+); by \S+)?.*\n/m.exec(said) ?? []
    if (line === undefined) continue
    if (url === undefined || adminUrl === undefined) break
    stderr?.resume()
    return { url, adminUrl }
  }
  throw new Error(`evergate did not start: ${said}`)
}
