import Type from 'typebox'
import { Share, Text } from '../model/option-types.ts'

const Hedge = Type.Object({
  after: Type.Optional(
    Text<string>('hedge-delay', {
      default: 'p95',
      description:
        'When the second attempt starts: at a percentile of the answer times of the last 10 s, such as p95, or after a fixed time, such as 50ms.'
    })
  ),
  budget: Type.Optional(Share({ default: 0.05, description: 'The most that second attempts may add to the load.' }))
})

/** False turns hedging off. */
export const HedgeOptions = Type.Union([Type.Literal(false), Hedge], {
  default: false,
  description:
    'A second attempt at another target beside one that is slow, for safe requests; the first answer is taken. False: never.'
})
