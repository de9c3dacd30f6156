import type { StreamResult } from './job.ts'
import type { StreamScenario } from './scenarios.ts'
import type { Running, Stage } from './stage.ts'

/** What one entrant's memory did. */
export type MemoryLine = { readonly label: string; readonly result: StreamResult }

/** Long enough for every buffer of a stream to have been allocated once. */
const WARM_UP_MEBIBYTES = 128

/** Sends one long body through each entrant in turn, after a shorter one of the same kind. */
export async function measureMemory(stage: Stage, scenario: StreamScenario, running: readonly Running[]): Promise<MemoryLine[]> {
  const lines: MemoryLine[] = []
  for (const one of running) {
    const stream = (mebibytes: number): Promise<StreamResult> =>
      stage.run({ kind: 'stream', port: one.port, direction: scenario.direction, mebibytes, candidatePid: one.child.pid })
    await stream(WARM_UP_MEBIBYTES)
    lines.push({ label: one.entrant.label, result: await stream(scenario.mebibytes) })
  }
  return lines
}
