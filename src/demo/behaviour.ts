import type { Random } from '../time/random.ts'

/** The demo's services, each with a habit that a gateway has to live with. */
export const demoServices = ['steady', 'slow', 'flaky'] as const
export type DemoServiceName = (typeof demoServices)[number]

/** How a service takes one request: with which status it answers, and how long it waits before. */
export type Reaction = { readonly status: number; readonly delayMs: number }

/** Of the requests to `slow`, this share waits, and between these two times. */
const SLOW_SHARE = 0.1
const SLOW_MS = { least: 100, most: 300 } as const
/** Of the requests to `flaky`, this share is answered with 503. */
const FLAKY_SHARE = 0.2
/** What `/slow` of any service takes. */
const SLOW_PATH_MS = 500

/** Whether a text names one of the services. */
export function isDemoService(name: string | undefined): name is DemoServiceName {
  return demoServices.some(known => known === name)
}

/** The last segment of a path, which says what is wanted, whatever prefix the gateway left before it. */
export function lastSegment(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Decides how a service takes a request. `/health` is always good and quick: these services are ill at work, not dead. */
export function react(name: DemoServiceName, segment: string, random: Random): Reaction {
  if (segment === 'health') return { status: 200, delayMs: 0 }
  if (segment === 'slow') return { status: 200, delayMs: SLOW_PATH_MS }
  switch (name) {
    case 'steady':
      return { status: 200, delayMs: 0 }
    case 'slow':
      if (random() >= SLOW_SHARE) return { status: 200, delayMs: 0 }
      return { status: 200, delayMs: SLOW_MS.least + random() * (SLOW_MS.most - SLOW_MS.least) }
    case 'flaky':
      return { status: random() < FLAKY_SHARE ? 503 : 200, delayMs: 0 }
  }
}
