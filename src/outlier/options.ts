import Type from 'typebox'
import { Duration, Share } from '../model/option-types.ts'

const Outliers = Type.Object({
  consecutive: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 1000, default: 5, description: 'So many failures in a row eject a target at once.' })
  ),
  eject: Type.Optional(
    Duration({
      above: 0,
      default: '30s',
      description: 'How long a target is out at first; each further time it is longer by as much.'
    })
  ),
  maxEject: Type.Optional(Duration({ above: 0, default: '300s', description: 'The longest ejection.' })),
  maxShare: Type.Optional(
    Share({
      default: 0.5,
      description: 'The most of the targets that may be out: rounded down, at least one, never the last usable.'
    })
  )
})

/** False turns ejection off. */
export const OutlierOptions = Type.Union([Type.Literal(false), Outliers], {
  default: {},
  description: 'When a target that does worse than the others is taken out for a while, by what its answers show; false: never.'
})
