import Type from 'typebox'
import { Duration, Share } from '../model/option-types.ts'

const circuit = {
  failureShare: Type.Optional(
    Share({ default: 0.5, description: 'The share of failures, or of slow answers, in the window that opens the breaker.' })
  ),
  minimum: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000,
      default: 20,
      description: 'The fewest answers in the window before their share counts.'
    })
  ),
  window: Type.Optional(Duration({ above: 0, default: '10s', description: 'The time over which answers are counted.' })),
  open: Type.Optional(
    Duration({
      above: 0,
      default: '5s',
      description: 'How long it stays open at first; twice as long each further time, up to eight times.'
    })
  ),
  slow: Type.Optional(Duration({ default: 0, description: 'An answer that takes longer to begin is slow; 0: none is.' })),
  probes: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 5,
      description: 'How many trial requests must succeed before the target is used as before.'
    })
  )
}

const GroupBreaker = Type.Union([Type.Literal(false), Type.Object(circuit)], {
  default: false,
  description: 'One breaker for all targets together, for what stands behind them; false: there is none.'
})

/** False turns the breaker off. */
export const BreakerOptions = Type.Union([Type.Literal(false), Type.Object({ ...circuit, group: Type.Optional(GroupBreaker) })], {
  default: {},
  description: 'When a target that keeps failing is left alone, and how it comes back; false turns it off.'
})
