import type { Load, Picker } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import type { TelemetryView } from '../model/telemetry.ts'
import { first } from './first.ts'
import { hash } from './hash.ts'
import { leastConnections } from './least-connections.ts'
import { leastTime } from './least-time.ts'
import { maglev } from './maglev.ts'
import { peakEwma } from './peak-ewma.ts'
import { prequal } from './prequal.ts'
import { random } from './random.ts'
import { roundRobin } from './round-robin.ts'
import { twoChoices } from './two-choices.ts'

/** What an algorithm may ask of the rest. */
export interface PickerParts {
  /** All targets of the group: the same list as a pick gets while nobody is out. */
  readonly targets: readonly Target[]
  readonly inFlight: Load
  /** Absent where nobody asks the targets how they are. */
  readonly telemetry?: TelemetryView | undefined
  /** What a request is placed by, where the algorithm goes by a key, see `requestKey`. */
  readonly by?: string | undefined
  /** The most that one target may carry, as a multiple of the mean: 1 or more. */
  readonly bounded?: number | undefined
}

/** Makes a picker for one group: a picker keeps state and is never shared. */
export type PickerFactory = (parts: PickerParts) => Picker

/** The algorithms by the names that `balance` takes. */
export function builtInAlgorithms(): Map<string, PickerFactory> {
  return new Map<string, PickerFactory>([
    ['round-robin', roundRobin],
    ['random', random],
    ['first', first],
    ['least-connections', parts => leastConnections(parts.inFlight)],
    ['least-time', leastTime],
    ['two-choices', parts => twoChoices(parts.inFlight)],
    ['peak-ewma', peakEwma],
    ['prequal', parts => prequal(parts.telemetry)],
    ['hash', parts => hash(parts.inFlight, parts)],
    ['maglev', parts => maglev(parts.targets, parts.by)]
  ])
}
