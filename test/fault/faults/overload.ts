import { serviceMs } from '../behaviour.ts'
import type { Fault } from '../fault.ts'
import { criticalAtLeast, goodputAtLeast, percent } from '../must.ts'

/** How many requests one upstream works on at once. */
const slots = 2
/** What the three can do, in requests a second. */
const capacity = (3 * slots * 1000) / serviceMs

/**
 * Half of what they can do, then three times as much. The upstreams turn nobody away: whoever sends them everything gets
 * answers that come too late for anybody. An answer within a second is good.
 */
const overload: Fault = {
  name: '3 times overload, three priorities',
  load: { rate: capacity / 2, peak: 3 * capacity, prioritised: true },
  upstreams: { kind: 'busy', slots },
  limited: true,
  begin: async () => {},
  musts: [goodputAtLeast(0.9, capacity), criticalAtLeast(0.999)],
  note: ({ goodput, critical }) => `goodput ${percent(goodput / capacity)}, critical ${percent(critical)}`
}

export const overloadFaults: readonly Fault[] = [overload]
