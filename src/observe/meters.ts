import type { ListName } from '../model/access.ts'
import type { Attempt, AttemptObserver } from '../model/attempt.ts'
import type { RefusalReason } from '../model/authenticator.ts'
import type { BrowserCheck } from '../model/browser.ts'
import type { Exchange } from '../model/exchange.ts'
import { outcomeName } from '../model/outcome.ts'
import { BucketHistogram } from './bucket-histogram.ts'
import { CacheMeters } from './cache-meters.ts'
import { Counters } from './counters.ts'
import { counterMetric, gaugeMetric, histogramMetric, type Metric, type Sample } from './exposition.ts'
import { TunnelMeters } from './tunnel-meters.ts'

/** Counts what goes through the gateway. Times in seconds where they are shown, in milliseconds where they are told. */
export class Meters {
  readonly tunnels = new TunnelMeters()
  readonly cache = new CacheMeters()
  readonly #bounds: readonly number[]
  readonly #requests = new Counters(['route', 'method', 'status'])
  readonly #attempts = new Counters(['upstream', 'target', 'outcome'])
  readonly #retries = new Counters(['upstream', 'reason'])
  readonly #authRefused = new Counters(['route', 'reason'])
  readonly #shed = new Counters(['upstream', 'reason'])
  readonly #denied = new Counters(['route', 'list'])
  readonly #foreign = new Counters(['route', 'check'])
  readonly #limited = new Counters(['route'])
  readonly #oversize = new Counters(['route'])
  readonly #store = { isUp: false, losses: 0 }
  #gateways: (() => number) | undefined
  readonly #shown: (() => readonly { readonly name: string; readonly until: number }[])[] = []
  #acmeFailures: number | undefined
  readonly #turnedAway = new Counters(['listener', 'reason'])
  readonly #hedges = new Counters(['upstream', 'result'])
  readonly #durations = new Map<string, BucketHistogram>()
  readonly #added = new Map<string, BucketHistogram>()
  readonly #attemptDurations = new Map<string, Map<string, BucketHistogram>>()

  readonly #more: Metric[] = []

  /** Upper bounds of the histograms, in seconds. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds
  }

  /** A request that is over. `route` is its prefix, `none` where no route matched. */
  request(route: string, method: string, status: number, durationMs: number, exchange: Exchange | null): void {
    this.#requests.add(route, method, String(status))
    this.#of(this.#durations, route).observe(durationMs / 1000)
    if (exchange?.answeredAt !== undefined) this.#of(this.#added, route).observe(addedMs(exchange, exchange.answeredAt) / 1000)
  }

  /** A request that the server refused, or sent elsewhere, by itself: nobody took its time. */
  refused(method: string, status: number): void {
    this.#requests.add('none', method, String(status))
  }

  /** A connection that ended before HTTP began. `listener` is its address, the reason one of a bounded set. */
  turnedAway(listener: string, reason: string): void {
    this.#turnedAway.add(listener, reason)
  }

  /** The certificates that a listener shows; `until` in milliseconds since 1970. */
  shows(terms: () => readonly { readonly name: string; readonly until: number }[]): void {
    this.#shown.push(terms)
  }

  /** Certificates are obtained by ACME: failures are counted, from none. */
  obtains(): void {
    this.#acmeFailures ??= 0
  }

  /** One was not. */
  acmeFailed(): void {
    this.#acmeFailures = (this.#acmeFailures ?? 0) + 1
  }

  /** A request that was not let in. */
  shed(upstream: string, reason: string): void {
    this.#shed.add(upstream, reason)
  }

  /** A request that a list of the door does not let in; where the route only observes, it went on. */
  denied(route: string, list: ListName): void {
    this.#denied.add(route, list)
  }

  /** A request of a page that may not send it; where the route only observes, it went on. */
  foreign(route: string, check: BrowserCheck): void {
    this.#foreign.add(route, check)
  }

  /** A request whose credentials did not suffice. `route` is its prefix. */
  authRefused(route: string, reason: RefusalReason): void {
    this.#authRefused.add(route, reason)
  }

  /** A request whose body was above what its route takes, whether or not it was refused for it. */
  oversize(route: string): void {
    this.#oversize.add(route)
  }

  /** A request that had used up a rate limit of its route, whether or not it was refused for it. */
  rateLimited(route: string): void {
    this.#limited.add(route)
  }

  /** There is a store that gateways share, and that says how many they are. */
  sharing(gateways: () => number): void {
    this.#gateways = gateways
  }

  /** The shared store answers, or does not any more. */
  sharedStore(isUp: boolean): void {
    if (this.#store.isUp && !isUp) this.#store.losses++
    this.#store.isUp = isUp
  }

  /** A counter that only some configurations have. Its labels must be bounded. */
  counter(name: string, help: string, labels: readonly string[]): Counters {
    const counters = new Counters(labels)
    this.#more.push(counterMetric(name, help, counters))
    return counters
  }

  /** What became of a second attempt beside a slow one. */
  hedged(upstream: string, result: string): void {
    this.#hedges.add(upstream, result)
  }

  /** What a group tells of its attempts. */
  observer(upstream: string): AttemptObserver {
    const durations = new Map<string, BucketHistogram>()
    this.#attemptDurations.set(upstream, durations)
    return {
      ended: (attempt: Attempt, now: number) => {
        const { target, startedAt, answeredAt = now, outcome } = attempt
        this.#attempts.add(upstream, target.id, outcome === undefined ? 'aborted' : outcomeName(outcome))
        this.#of(durations, target.id).observe((answeredAt - startedAt) / 1000)
      },
      retried: reason => this.#retries.add(upstream, reason)
    }
  }

  metrics(): Metric[] {
    return [
      counterMetric('evergate_requests_total', 'Requests that were answered, by route, method and status.', this.#requests),
      histogramMetric('evergate_request_duration_seconds', 'From the request line to the last byte of the answer.', () =>
        byLabel('route', this.#durations)
      ),
      histogramMetric('evergate_added_seconds', 'What the gateway itself added until the answer began.', () =>
        byLabel('route', this.#added)
      ),
      counterMetric('evergate_attempts_total', 'Attempts at targets, by what they came to.', this.#attempts),
      histogramMetric('evergate_attempt_duration_seconds', 'From the start of an attempt until its answer began.', () =>
        [...this.#attemptDurations].flatMap(([upstream, durations]) =>
          [...durations].map(([target, histogram]) => [{ upstream, target }, histogram] as const)
        )
      ),
      counterMetric('evergate_retries_total', 'Attempts that followed a failed one, by what failed.', this.#retries),
      counterMetric('evergate_hedges_total', 'Second attempts beside slow ones, by what became of them.', this.#hedges),
      counterMetric('evergate_shed_total', 'Requests that were not let in, by the reason.', this.#shed),
      counterMetric(
        'evergate_denied_total',
        'Requests that a list did not let in, or would not have: by the list.',
        this.#denied
      ),
      counterMetric(
        'evergate_foreign_total',
        'Requests of pages that may not send them, by the check: cors or csrf.',
        this.#foreign
      ),
      counterMetric(
        'evergate_auth_refused_total',
        'Requests whose credentials did not suffice, by the reason; those let in by mode: observe too.',
        this.#authRefused
      ),
      counterMetric(
        'evergate_connections_refused_total',
        'Connections that ended before HTTP began, or for what they did with HTTP/2: by why.',
        this.#turnedAway
      ),
      counterMetric('evergate_body_too_large_total', 'Requests whose body was above what their route takes.', this.#oversize),
      counterMetric('evergate_rate_limited_total', 'Requests that had used up a rate limit of their route.', this.#limited),
      gaugeMetric(
        'evergate_certificate_expiry_seconds',
        'When a certificate that clients are shown expires, in seconds since 1970.',
        () => soonestByName(this.#shown.flatMap(terms => terms()))
      ),
      ...this.tunnels.metrics(),
      ...this.#more,
      ...this.cache.metrics(),
      ...(this.#acmeFailures === undefined ? [] : [this.#acmeMetric()]),
      ...(this.#gateways === undefined ? [] : this.#sharedMetrics(this.#gateways))
    ]
  }

  #acmeMetric(): Metric {
    return {
      name: 'evergate_acme_failures_total',
      help: 'How often a certificate was not obtained.',
      type: 'counter',
      samples: () => [{ labels: {}, value: this.#acmeFailures ?? 0 }]
    }
  }

  #sharedMetrics(gateways: () => number): Metric[] {
    const one = (value: number) => [{ labels: {}, value }]
    return [
      gaugeMetric('evergate_shared_store_up', 'Whether the shared store answers: 1 or 0, and counters are local.', () =>
        one(this.#store.isUp ? 1 : 0)
      ),
      gaugeMetric('evergate_gateways', 'Gateways that share the store, as it was last heard.', () => one(gateways())),
      {
        name: 'evergate_shared_store_losses_total',
        help: 'How often the shared store was lost.',
        type: 'counter',
        samples: () => one(this.#store.losses)
      }
    ]
  }

  #of(histograms: Map<string, BucketHistogram>, key: string): BucketHistogram {
    let histogram = histograms.get(key)
    if (histogram === undefined) {
      histogram = new BucketHistogram(this.#bounds)
      histograms.set(key, histogram)
    }
    return histogram
  }
}

/** All the time until the answer began but for what targets took, and the client to send its body. */
function addedMs({ startedAt, receiveMs, attempts }: Exchange, answeredAt: number): number {
  const atTargets = attempts.reduce(
    (sum, { startedAt: from, endedAt = answeredAt }) => sum + Math.min(endedAt, answeredAt) - from,
    0
  )
  return Math.max(0, answeredAt - startedAt - receiveMs - atTargets)
}

/** Of certificates with the same name the one that expires first. */
function soonestByName(terms: readonly { readonly name: string; readonly until: number }[]): Sample[] {
  const soonest = new Map<string, number>()
  for (const { name, until } of terms) soonest.set(name, Math.min(until, soonest.get(name) ?? until))
  return [...soonest].map(([name, until]) => ({ labels: { name }, value: until / 1000 }))
}

const byLabel = (name: string, histograms: ReadonlyMap<string, BucketHistogram>) =>
  [...histograms].map(([value, histogram]) => [{ [name]: value }, histogram] as const)
