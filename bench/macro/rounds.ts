import type { RateResult } from './job.ts'
import type { Options } from './options.ts'
import type { RateScenario } from './scenarios.ts'
import type { Running, Stage } from './stage.ts'

/** All rounds of one entrant, in order; the same index is the same round for every entrant. */
export type RateSeries = { readonly label: string; readonly rounds: readonly RateResult[] }

/**
 * Measures a rate scenario: everybody is warmed up, then takes one turn in every round. Who begins changes from round to
 * round, so that whatever else the machine does meanwhile falls on all alike.
 */
export async function measureRate(
  stage: Stage,
  scenario: RateScenario,
  running: readonly Running[],
  options: Options
): Promise<RateSeries[]> {
  const turn = (one: Running, seconds: number): Promise<RateResult> =>
    stage.run({
      kind: 'rate',
      port: one.port,
      requests: one.entrant.requests,
      connections: scenario.connections,
      durationMs: seconds * 1000,
      candidatePid: one.child.pid,
      upstreamPid: stage.upstreamPid
    })
  for (const one of running) await turn(one, options.warmUpSeconds)
  const results = running.map((): RateResult[] => [])
  for (let round = 0; round < options.rounds; round++) {
    for (let place = 0; place < running.length; place++) {
      const index = (place + round) % running.length
      // Both lists have an entry for every index below running.length.
      results[index]!.push(await turn(running[index]!, options.seconds))
    }
  }
  return running.map((one, index) => ({ label: one.entrant.label, rounds: results[index] ?? [] }))
}
