import type { BreakerView } from '../model/breaker-view.ts'
import type { EjectionView } from '../model/ejection-view.ts'
import type { Group } from '../model/group.ts'
import type { HealthView } from '../model/health-view.ts'
import type { TelemetryView } from '../model/telemetry.ts'
import type { UpstreamProtocol } from '../model/upstream-protocol.ts'
import type { Connections } from './connections.ts'
import type { Maintenance } from './maintenance.ts'
import type { Traffic } from './traffic.ts'

/** A group with what its policies can tell of its targets. */
export interface RunningGroup {
  readonly group: Group
  readonly protocol: UpstreamProtocol
  readonly traffic: Traffic
  readonly telemetry: TelemetryView
  readonly maintenance: Maintenance
  readonly health: HealthView
  /** Undefined where the breaker is turned off. */
  readonly breaker: BreakerView | undefined
  /** Undefined where ejection is turned off. */
  readonly ejection: EjectionView | undefined
  /** Lets traffic return to tiers that are well and wait for an operator's word. */
  failback(): void
}

/** Owns what lives behind the gateway: every group, and the connections that they share. */
export class Registry {
  readonly groups: readonly RunningGroup[]
  readonly #byName: ReadonlyMap<string, RunningGroup>
  readonly #connections: Connections

  constructor(groups: readonly RunningGroup[], connections: Connections) {
    this.groups = groups
    this.#byName = new Map(groups.map(running => [running.group.name, running]))
    this.#connections = connections
  }

  /** Throws a RangeError for a name that the configuration does not have. */
  group(name: string): Group {
    const running = this.#byName.get(name)
    if (running === undefined) throw new RangeError(`no upstream is named ${name}`)
    return running.group
  }

  /** Begins to ask targets how they are. */
  start(): void {
    for (const { health } of this.groups) health.start()
  }

  close(): Promise<void> {
    for (const { health } of this.groups) health.stop()
    return this.#connections.close()
  }
}
