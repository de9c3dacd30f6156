import type { Fault, Faulting, FaultyRequest } from '../model/faulting.ts'
import { firstQueryValue } from '../model/query.ts'
import type { Random } from '../time/random.ts'
import type { FaultSettings } from './options.ts'

/** The faults of one route: which requests get one, by what they say and by chance. */
export class FaultRule implements Faulting {
  readonly #headers: readonly (readonly [string, string])[]
  readonly #query: readonly (readonly [string, string])[]
  readonly #settings: FaultSettings

  constructor(settings: FaultSettings) {
    this.#settings = settings
    this.#headers = Object.entries(settings.when.headers)
    this.#query = Object.entries(settings.when.query)
  }

  draw(request: FaultyRequest, random: Random): Fault | undefined {
    const { share, delay, abort } = this.#settings
    if (!this.#isMeant(request) || (share < 1 && random() >= share)) return undefined
    return { delayMs: delay === undefined ? 0 : delay[0] + random() * (delay[1] - delay[0]), abort }
  }

  #isMeant({ headers, search }: FaultyRequest): boolean {
    return (
      this.#headers.every(([name, value]) => headers[name] === value) &&
      this.#query.every(([name, value]) => firstQueryValue(search, name) === value)
    )
  }
}
