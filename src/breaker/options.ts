import Type from 'typebox'
import { Duration, Share, Soon } from '../model/option-types.ts'

const BreakerObject = Type.Object({
  open: Type.Optional(
    Duration({ above: 0, default: '5s', description: 'How long a target is left alone before it is tried again.' })
  ),
  probes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 5,
      description: 'How many trial requests must succeed before the target is used as before.'
    })
  ),
  failureShare: Type.Optional(
    Share({ soon: true, default: 0.5, description: 'The share of failures in the window that opens the breaker.' })
  ),
  minimum: Type.Optional(
    Type.Integer({ soon: true, default: 20, description: 'The fewest answers in the window before their share counts.' })
  ),
  window: Type.Optional(Duration({ soon: true, default: '10s', description: 'The time over which failures are counted.' })),
  slow: Type.Optional(
    Duration({ soon: true, default: 0, description: 'An answer slower than this counts as a failure; 0 never.' })
  ),
  group: Type.Optional(Soon('The breaker of the whole group.'))
})

/** False turns the breaker off. */
export const BreakerOptions = Type.Union([Type.Literal(false), BreakerObject], {
  default: {},
  description: 'When a target that keeps failing is left alone, and how it comes back; false turns it off.'
})
