import type { Leave } from './admitting.ts'
import type { Attempt } from './attempt.ts'
import type { ErrorCode } from './errors.ts'
import type { Facts } from './facts.ts'
import type { Group } from './group.ts'
import type { KeptBack } from './kept-back.ts'
import type { Plan } from './plan.ts'
import type { Reach } from './reach.ts'
import type { Route } from './route.ts'
import type { Target } from './target.ts'

/** One client request on its way through. Hooks fill it in; plugins see it as `request.exchange`. */
export class Exchange {
  readonly id: string
  readonly route: Route
  readonly group: Group
  /** As the client's request was read, before any rewrite; always begins with a slash. */
  readonly path: string
  /** The query with its question mark, or nothing. */
  readonly search: string
  readonly startedAt: number
  /** Targets that may still be used. A hook may narrow it: what it removes no later step brings back. */
  candidates: readonly Target[]
  /** What `Picker.key` read from the request. */
  key: string | undefined
  /** The group that serves, with those of the candidates that every gate admits; undefined when there is none. */
  reach: Reach | undefined
  /** Chosen by load balancing for the first attempt. */
  picked: Target | undefined
  plan: Plan | undefined
  /** Gives back its place among those that are under way. */
  leave: Leave | undefined
  /** How long the answer may take to begin, in milliseconds from when the request is complete. */
  timeoutMs: number
  /** What the upstream is told of the consumer, as name, value, name, value. */
  identity: readonly string[] = []
  /** What of the request the upstream is not told. */
  keptBack: KeptBack | undefined
  /** What the route's values are made from; undefined where they are the same for every request. */
  facts: Facts | undefined
  /** Path and query for the upstream, where the route makes them from the request. */
  outgoing: string | undefined
  readonly attempts: Attempt[] = []
  /** When the answer must have begun: set once the whole request has come in. */
  deadlineAt = Number.POSITIVE_INFINITY
  /** When a gRPC call is over for its client, whoever is waited for. */
  callDeadlineAt: number | undefined
  /** How long the client took to send its body, in milliseconds. */
  receiveMs = 0
  /** The body was above `body.max`, on a route that only observes. */
  isOversize = false
  /** When the answer to the client began. */
  answeredAt: number | undefined
  /** Bytes each way, where the exchange became a tunnel that is closed. */
  tunnelled: { readonly fromClient: number; readonly fromTarget: number } | undefined
  /** Why an answer that had begun never came to its end, where that was the target's doing. */
  brokenBy: ErrorCode | undefined

  constructor(id: string, route: Route, group: Group, path: string, search: string, startedAt: number) {
    this.id = id
    this.route = route
    this.group = group
    this.path = path
    this.search = search
    this.startedAt = startedAt
    this.candidates = group.candidates
    this.timeoutMs = route.timeoutMs
  }
}
