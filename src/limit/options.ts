import Type from 'typebox'
import { Duration } from '../model/option-types.ts'

/** How much a group takes on at once. */
export const LimitOptions = Type.Partial(
  Type.Object({
    concurrency: Type.Union([Type.Literal('adaptive'), Type.Integer({ minimum: 0, maximum: 1_000_000 })], {
      default: 0,
      description:
        'How many requests of the group are under way at once; 0: no limit; adaptive: found by looking at answer times, and less when the targets refuse (429, 503).'
    }),
    perTarget: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 0,
      description: 'How many requests one target has in flight at most; 0: no limit.'
    }),
    queue: Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 100,
      description: 'How many requests wait when that many are under way.'
    }),
    queueTime: Duration({ default: '100ms', description: 'How long they wait at most; then they are shed with 503.' })
  }),
  { default: {}, description: 'How much a group takes on at once.' }
)
