// `npm run bench`: measures Evergate and its peers in turns on this machine and prints what each did for each unit of the others.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import type { Candidate } from './macro/candidate.ts'
import { measureMemory } from './macro/memory.ts'
import { type Options, parseOptions, selected, usage } from './macro/options.ts'
import { memoryTable, rateTable } from './macro/report.ts'
import { measureRate } from './macro/rounds.ts'
import { type Scenario, scenarios } from './macro/scenarios.ts'
import { openStage, type Running, type Stage } from './macro/stage.ts'

/** Says once what is left out, and why. */
function announceMissing(options: Options): void {
  const candidates = new Set(scenarios.flatMap(scenario => scenario.entrants.map(entrant => entrant.candidate)))
  for (const { name, missing } of candidates) {
    const reason = selected(name, options.only) ? missing() : undefined
    if (reason !== undefined) console.log(`skipped ${name}: ${reason}`)
  }
}

/** Starts who takes part. A candidate that does not come up is put into `broken`, said once and not tried again. */
async function startEntrants(stage: Stage, scenario: Scenario, options: Options, broken: Set<Candidate>): Promise<Running[]> {
  const running: Running[] = []
  for (const entrant of scenario.entrants) {
    if (!selected(entrant.candidate.name, options.only)) continue
    if (broken.has(entrant.candidate) || entrant.candidate.missing() !== undefined) continue
    try {
      running.push(await stage.start(entrant))
    } catch (error) {
      broken.add(entrant.candidate)
      console.log(`skipped ${entrant.candidate.name}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return running
}

async function play(stage: Stage, scenario: Scenario, options: Options, broken: Set<Candidate>): Promise<object | undefined> {
  const running = await startEntrants(stage, scenario, options, broken)
  try {
    if (running.length === 0) return undefined
    if (scenario.kind === 'rate') {
      const series = await measureRate(stage, scenario, running, options)
      console.log(rateTable(scenario, series))
      return { scenario: scenario.name, series }
    }
    const lines = await measureMemory(stage, scenario, running)
    console.log(memoryTable(scenario, lines))
    return { scenario: scenario.name, lines }
  } finally {
    await Promise.all(running.map(one => one.child.stop()))
  }
}

async function main(options: Options): Promise<void> {
  const stage = await openStage()
  const interrupt = (): void => {
    stage.close().then(() => process.exit(130))
  }
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  try {
    const { cores } = stage
    const placed = cores
      ? `candidate on core ${cores.candidate}, load on core ${cores.load}, upstream on core ${cores.upstream}`
      : 'not bound to cores: taskset or a second core is missing'
    const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
    console.log(`${machine.cpu}, ${machine.cores} cores; Node ${machine.node}; ${placed}`)
    console.log(`${options.rounds} rounds of ${options.seconds} s in turns; medians`)
    announceMissing(options)
    const results: object[] = []
    const broken = new Set<Candidate>()
    for (const scenario of scenarios) {
      if (!selected(scenario.name, options.scenario)) continue
      const result = await play(stage, scenario, options, broken)
      if (result) results.push(result)
    }
    if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, options, results }, null, 2)}\n`)
  } finally {
    await stage.close()
  }
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(usage)
  else await main(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
