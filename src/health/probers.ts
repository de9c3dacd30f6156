import type { TlsTexts } from '../model/pem.ts'
import type { UpstreamProtocol } from '../model/upstream-protocol.ts'
import { processRandom, type Random } from '../time/random.ts'
import { processScheduler, type Scheduler } from '../time/scheduler.ts'
import type { Check } from './check.ts'
import { openCheck } from './checks/open-check.ts'
import type { HealthSettings } from './options.ts'
import { Prober, type ProbeUser } from './prober.ts'
import { Shared } from './shared.ts'

/** How targets of a group are checked. */
export interface HealthSpec {
  readonly settings: HealthSettings
  readonly tls: TlsTexts
  /** What an http check speaks: as requests to the group, `http1` when absent; `http2` is asked for over TLS. */
  readonly protocol?: UpstreamProtocol
}

/** Makes what asks a target, given its URL. */
export type CheckFactory = (url: string, spec: HealthSpec, scheduler: Scheduler) => Check

/** A target that is being checked for somebody. */
export interface Watch {
  readonly prober: Prober
  /** The checks end with the last watch of the target. Harmless the second time. */
  release(): void
}

/**
 * All active checks of the process: one prober for each URL and way to check it, however many groups have the target. It
 * outlives a reload: whoever watches in the new configuration before the old one has let go takes over what is known.
 */
export class Probers {
  readonly #shared = new Shared<Prober>(prober => prober.stop())
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #open: CheckFactory

  constructor({
    scheduler = processScheduler,
    random = processRandom,
    open = openCheck
  }: {
    readonly scheduler?: Scheduler
    readonly random?: Random
    readonly open?: CheckFactory
  } = {}) {
    this.#scheduler = scheduler
    this.#random = random
    this.#open = open
  }

  /** How many targets are being checked. */
  get size(): number {
    return this.#shared.size
  }

  watch(url: string, spec: HealthSpec, user: ProbeUser): Watch {
    const use = this.#shared.use(JSON.stringify([url, spec.settings, spec.tls, spec.protocol]), () => this.#create(url, spec))
    use.value.add(user)
    use.value.start()
    const release = () => {
      use.value.remove(user)
      use.release()
    }
    return { prober: use.value, release }
  }

  #create(url: string, spec: HealthSpec): Prober {
    const { interval, idleInterval, fall, rise } = spec.settings
    return new Prober({
      check: this.#open(url, spec, this.#scheduler),
      pace: { interval, ...(idleInterval === undefined ? {} : { idleInterval }) },
      thresholds: { fall, rise },
      scheduler: this.#scheduler,
      random: this.#random
    })
  }
}
