import Type from 'typebox'
import { Duration } from '../model/option-types.ts'

/** What is believed of what targets say of themselves. */
export const TelemetryOptions = Type.Partial(
  Type.Object({
    stale: Duration({
      above: 0,
      default: '3m',
      description: 'How long the word of a target on its own state counts, from a health answer, its agent or a response header.'
    })
  }),
  { default: {}, description: 'How the state that targets report is kept.' }
)
