import type { Gate } from '../model/gate.ts'
import type { Target } from '../model/target.ts'
import { type AgentWord, refusalOf } from './agent-word.ts'
import type { AgentSpec, AgentState, Agents, AgentWatch } from './agents.ts'
import type { HealthListener, VectorListener } from './health-gate.ts'

interface Entry {
  readonly watch: AgentWatch
  refusal: string | undefined
}

/**
 * Refuses targets by the word of their agents: drained, in maintenance, down, or without weight. An agent that is silent, or was
 * never heard, refuses nobody. Asks from `start` to `stop`. Panic does not overrule it: a check may be mistaken about many
 * targets at once, what they say themselves is meant.
 */
export class AgentGate implements Gate {
  readonly name = 'agent'
  readonly #targets: readonly Target[]
  readonly #spec: AgentSpec
  readonly #agents: Agents
  readonly #entries = new Map<Target, Entry>()
  readonly #listeners: HealthListener[] = []
  readonly #vectorListeners: VectorListener[] = []
  #refused = 0

  constructor(targets: readonly Target[], spec: AgentSpec, agents: Agents) {
    this.#targets = targets
    this.#spec = spec
    this.#agents = agents
  }

  get quiet(): boolean {
    return this.#refused === 0
  }

  refusal(target: Target): string | undefined {
    return this.#entries.get(target)?.refusal
  }

  /** What the agent of a target has said; undefined for a target whose agent is not asked. */
  agentOf(target: Target): AgentState | undefined {
    return this.#entries.get(target)?.watch.state
  }

  /** The target finishes what it has and wants nothing new: it is out on purpose, and does not count as failed. */
  isDrained(target: Target): boolean {
    const mode = this.#entries.get(target)?.watch.state.word.mode
    return mode === 'drain' || mode === 'maint'
  }

  /** The target's weight relative to the configured one; 1 where its agent has not spoken of it. */
  weightShare(target: Target): number {
    return this.#entries.get(target)?.watch.state.word.weightShare ?? 1
  }

  /** Called when a target is refused (`failing`) or admitted again (`passing`), after the gate itself. */
  onChange(listener: HealthListener): void {
    this.#listeners.push(listener)
  }

  /** Called with what agents say of the load: a weight of 75% is read as a CPU that is used for a quarter. */
  onVector(listener: VectorListener): void {
    this.#vectorListeners.push(listener)
  }

  start(): void {
    for (const target of this.#targets) this.add(target)
  }

  stop(): void {
    for (const target of [...this.#entries.keys()]) this.remove(target)
  }

  /** Begins to ask. Harmless for a target whose agent is asked. */
  add(target: Target): void {
    if (this.#entries.has(target)) return
    const watch = this.#agents.watch(target.url, this.#spec, (state, now) => this.#heard(target, entry, state, now))
    const entry: Entry = { watch, refusal: refusalOf(watch.state.word) }
    this.#entries.set(target, entry)
    if (entry.refusal !== undefined) this.#refused++
  }

  remove(target: Target): void {
    const entry = this.#entries.get(target)
    if (entry === undefined) return
    this.#entries.delete(target)
    if (entry.refusal !== undefined) this.#refused--
    entry.watch.release()
  }

  #heard(target: Target, entry: Entry, { word, silence }: AgentState, now: number): void {
    const before = entry.refusal
    entry.refusal = refusalOf(word)
    const after = entry.refusal
    if (silence === undefined) this.#report(target, word, now)
    if ((before === undefined) === (after === undefined)) return
    this.#refused += after === undefined ? -1 : 1
    const [was, is] = after === undefined ? (['failing', 'passing'] as const) : (['passing', 'failing'] as const)
    for (const told of this.#listeners) told(target, is, now, was)
  }

  #report(target: Target, { weightShare }: AgentWord, now: number): void {
    if (weightShare === undefined) return
    const vector = { cpu: Math.max(0, 1 - weightShare) }
    for (const told of this.#vectorListeners) told(target, vector, now)
  }
}
