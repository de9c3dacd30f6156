import { originOf } from '../model/unix-socket.ts'
import { processRandom, type Random } from '../time/random.ts'
import { processScheduler, type Scheduler } from '../time/scheduler.ts'
import { type AgentWord, heard } from './agent-word.ts'
import type { Check } from './check.ts'
import { type AgentResult, agentCheck } from './checks/agent.ts'
import { dialer } from './checks/dial.ts'
import { firstDelayMs, intervalMs } from './pace.ts'
import { Rounds } from './rounds.ts'
import { Shared } from './shared.ts'

/** How agents are asked. Times in milliseconds. */
export interface AgentSpec {
  readonly port: number
  readonly interval: number
  readonly timeout: number
}

/** What is known from one agent. */
export interface AgentState {
  /** All that it said so far, the last of each kind. */
  readonly word: AgentWord
  /** Why it did not answer when it was last asked. That says nothing of its target: health checks look after that. */
  readonly silence: string | undefined
}

/** Told after each time that an agent was asked. */
export type AgentUser = (state: AgentState, now: number) => void

export interface AgentWatch {
  readonly state: AgentState
  /** Harmless the second time. */
  release(): void
}

export type AgentCheckFactory = (url: string, spec: AgentSpec, scheduler: Scheduler) => Check<AgentResult>

/** The agents of all targets: each is asked once, however many groups have its target. */
export class Agents {
  readonly #shared = new Shared<Agent>(agent => agent.stop())
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #open: AgentCheckFactory

  constructor({
    scheduler = processScheduler,
    random = processRandom,
    open = openAgentCheck
  }: {
    readonly scheduler?: Scheduler
    readonly random?: Random
    readonly open?: AgentCheckFactory
  } = {}) {
    this.#scheduler = scheduler
    this.#random = random
    this.#open = open
  }

  /** Asks the agent beside the target at this URL. */
  watch(url: string, spec: AgentSpec, user: AgentUser): AgentWatch {
    const { hostname } = new URL(originOf(url))
    const create = () => new Agent(this.#open(url, spec, this.#scheduler), spec, this.#scheduler, this.#random)
    const { value: agent, release } = this.#shared.use(JSON.stringify([hostname, spec]), create)
    agent.users.add(user)
    agent.start()
    return {
      get state() {
        return agent.state
      },
      release() {
        agent.users.delete(user)
        release()
      }
    }
  }
}

/** Agents speak no TLS, whatever their targets speak. */
function openAgentCheck(url: string, { port, timeout }: AgentSpec, scheduler: Scheduler): Check<AgentResult> {
  return agentCheck(dialer(url.replace(/^https:/, 'http:'), { verify: true }, port), scheduler, timeout)
}

/** Asks one agent as long as somebody listens. */
class Agent {
  readonly users = new Set<AgentUser>()
  state: AgentState = { word: {}, silence: undefined }
  readonly #check: Check<AgentResult>
  readonly #rounds: Rounds
  readonly #firstDelayMs: number

  constructor(check: Check<AgentResult>, pace: AgentSpec, scheduler: Scheduler, random: Random) {
    this.#check = check
    this.#firstDelayMs = firstDelayMs(pace, random)
    let asked = 0
    this.#rounds = new Rounds(
      scheduler,
      finished =>
        check.run(result => {
          asked++
          this.#take(result, scheduler.now())
          finished()
        }),
      () => intervalMs(pace, { first: asked === 1, inTransition: false, idle: false }, random)
    )
  }

  start(): void {
    this.#rounds.start(this.#firstDelayMs)
  }

  stop(): void {
    this.#rounds.stop()
    this.#check.close()
  }

  #take(result: AgentResult, now: number): void {
    const { word } = this.state
    this.state = result.ok ? { word: heard(word, result.word), silence: undefined } : { word, silence: result.text }
    for (const user of [...this.users]) user(this.state, now)
  }
}
