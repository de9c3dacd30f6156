import type { Load } from '../model/picker.ts'
import type { Target } from '../model/target.ts'
import type { TelemetryView } from '../model/telemetry.ts'
import type { Random } from '../time/random.ts'
import { distances, type Metric } from './distance.ts'

export interface NearestOptions {
  /** How many neighbours share what a target leaves; auto: as few as can take it. */
  readonly k: number | 'auto'
  readonly metric: Metric
}

/** What the neighbours of a target are found by. */
export interface NearestParts {
  readonly telemetry: TelemetryView
  readonly inFlight: Load
  /** The most a target may have in flight; 0 where that is unknown. */
  readonly limitPerTarget: number
}

/** Nobody stands nearer than this, so that one equal neighbour does not get everything. */
const leastDistance = 0.05

/**
 * Gives what a target leaves to those that are most like it: its k nearest neighbours by telemetry, compared with what it was
 * like while it was well. Each gets a share by nearness and headroom, and none more than its headroom, so that a neighbour is
 * not knocked over by its neighbour's fall; where all k are full the next nearest are asked.
 */
export class Nearest {
  readonly #options: NearestOptions
  readonly #parts: NearestParts

  constructor(options: NearestOptions, parts: NearestParts) {
    this.#options = options
    this.#parts = parts
  }

  /** The one that takes over a request from `gone`; `open` is not empty. */
  heir(gone: Target, open: readonly Target[], now: number, random: Random): Target {
    const { telemetry, inFlight } = this.#parts
    const far = distances(
      telemetry.lastHealthy(gone),
      open.map(target => telemetry.latest(target, now)),
      this.#options.metric
    )
    const mean = open.reduce((sum, target) => sum + inFlight(target), 0) / open.length
    const neighbours = open
      .map((target, index) => ({
        target,
        distance: Math.max(leastDistance, far[index] ?? 0),
        headroom: this.#headroom(target, mean)
      }))
      .sort((one, other) => one.distance - other.distance)
    const able = neighbours.filter(({ headroom }) => headroom > 0)
    return drawn(this.#nearest(able.length > 0 ? able : neighbours, mean), random)
  }

  /** Twice the mean is what a target is trusted with whose limit is not known. */
  #headroom(target: Target, mean: number): number {
    const limit = this.#parts.limitPerTarget > 0 ? this.#parts.limitPerTarget : 2 * (mean + 1)
    return Math.max(0, limit - this.#parts.inFlight(target)) * target.weight
  }

  /** Those that are as near as the last of them belong to them: where nothing is known, all do. */
  #nearest(neighbours: readonly Neighbour[], needed: number): readonly Neighbour[] {
    const { k } = this.#options
    const last = k === 'auto' ? enough(neighbours, needed) : neighbours[k - 1]
    return last === undefined ? neighbours : neighbours.filter(({ distance }) => distance <= last.distance)
  }
}

/** The last that is needed to take so many; undefined where all together cannot. */
function enough(neighbours: readonly Neighbour[], needed: number): Neighbour | undefined {
  let sum = 0
  return neighbours.find(({ headroom }) => {
    sum += headroom
    return sum >= Math.max(1, needed)
  })
}

interface Neighbour {
  readonly target: Target
  readonly distance: number
  readonly headroom: number
}

function drawn(neighbours: readonly Neighbour[], random: Random): Target {
  const shares = neighbours.map(({ distance, headroom }) => Math.max(headroom, 1e-9) / distance)
  let place = random() * shares.reduce((sum, share) => sum + share, 0)
  for (const [index, { target }] of neighbours.entries()) {
    place -= shares[index] ?? 0
    if (place < 0) return target
  }
  // Neighbours are never none: rounding may leave a sliver past the last.
  return neighbours.at(-1)!.target
}
