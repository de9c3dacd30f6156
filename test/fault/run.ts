// `npm run fault`: starts three upstreams and, one after the other, the gateways before them, puts load on, lets a fault happen,
// and prints what the clients saw.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Candidate } from './candidate.ts'
import { evergate, settle } from './candidates/evergate.ts'
import { haproxy } from './candidates/haproxy.ts'
import { bareHttpProxy } from './candidates/http-proxy.ts'
import { nginx } from './candidates/nginx.ts'
import type { Fault } from './fault.ts'
import { answerFaults } from './faults/answers.ts'
import { overloadFaults } from './faults/overload.ts'
import { processFaults } from './faults/processes.ts'
import type { Metrics } from './measure.ts'
import { type Options, parseOptions, selected, usage } from './options.ts'
import { play } from './play.ts'
import { broken, explanations, markdown, progress, type Result, table } from './table.ts'

const candidates = [evergate, nginx, haproxy, bareHttpProxy]
const faults = [...processFaults, ...answerFaults, ...overloadFaults]

/** Says on what and how everything runs. Ports are those of a run that does not happen. */
function announce(options: Options): void {
  const directory = mkdtempSync(join(tmpdir(), 'evergate-fault-'))
  try {
    const place = { port: 8080, adminPort: 9901, upstreamPorts: [3001, 3002, 3003], directory }
    const { config, leftOut } = settle({ ...place, limited: false })
    const limited = settle({ ...place, limited: true })
    console.log(`${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores; Node ${process.version}`)
    console.log(`3 upstreams at 10 ms; ${options.runs} run(s) of ${options.seconds} s, the fault after a fifth; the worst counts`)
    console.log(`Evergate, in every row: ${JSON.stringify(config)}`)
    if (limited.leftOut.length === leftOut.length)
      console.log('Under overload also limits: { concurrency: adaptive } and priority: { header: x-priority }')
    for (const path of new Set([...leftOut, ...limited.leftOut])) console.log(`Left out, not available yet: ${path}`)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function present(options: Options): Candidate[] {
  return candidates.filter(({ name, missing }) => {
    if (!selected(name, options.candidates)) return false
    const reason = missing()
    if (reason !== undefined) console.log(`Left out ${name}: ${reason}`)
    return reason === undefined
  })
}

async function repeat(fault: Fault, candidate: Candidate, options: Options, interrupted: AbortSignal): Promise<Result> {
  const runs: Metrics[] = []
  for (let count = 0; count < options.runs && !interrupted.aborted; count++)
    runs.push(await play(fault, candidate, options.seconds, interrupted))
  return { fault, candidate, runs }
}

function save(file: string, options: Options, results: readonly Result[]): void {
  const rows = results.map(result => ({
    fault: result.fault.name,
    candidate: result.candidate.name,
    must: result.fault.musts.map(({ text }) => text),
    broken: broken(result).map(({ text }) => text),
    runs: result.runs
  }))
  writeFileSync(file, `${JSON.stringify({ options, rows }, null, 2)}\n`)
}

/** Answers whether Evergate kept every condition. */
async function main(options: Options, interrupted: AbortSignal): Promise<boolean> {
  announce(options)
  const entrants = present(options)
  if (entrants.length === 0)
    throw new Error(`--candidates names none that can run: ${candidates.map(({ name }) => name).join(', ')}`)
  const chosen = faults.filter(({ name }) => selected(name, options.only))
  if (chosen.length === 0) throw new Error(`--only names no fault; there are: ${faults.map(({ name }) => name).join('; ')}`)
  const results: Result[] = []
  let complete = true
  for (const fault of chosen) {
    for (const candidate of entrants) {
      try {
        const result = await repeat(fault, candidate, options, interrupted)
        // What was cut short says nothing.
        if (interrupted.aborted) return false
        results.push(result)
        console.error(progress(result))
      } catch (error) {
        if (candidate.judged) complete = false
        console.log(`${candidate.name}, ${fault.name}: not run, ${error instanceof Error ? error.message : error}`)
      }
    }
  }
  console.log(`\n${table(results)}`)
  const lines = explanations(results)
  if (lines.length > 0) console.log(`\n${lines.join('\n')}`)
  if (options.json) save(options.json, options, results)
  if (options.markdown) writeFileSync(options.markdown, markdown(results))
  return complete && results.every(result => !result.candidate.judged || broken(result).length === 0)
}

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())
try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(usage)
  else process.exitCode = (await main(options, interrupt.signal)) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
