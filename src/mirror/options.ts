import Type from 'typebox'
import { Share, Text } from '../model/option-types.ts'

const CompareOptions = Type.Union(
  [
    Type.Boolean(),
    Type.Object({
      ignore: Type.Optional(
        Type.Array(Text('json-field'), {
          default: [],
          description:
            'Fields of JSON answers that may differ: a name, wherever it stands, or a path such as $.meta.time, in which * is any name or index.'
        })
      )
    })
  ],
  {
    default: false,
    description:
      'Whether the answer to a copy is compared with the one of the route: the status and, of JSON, the body. What differs is logged by its path, without values.'
  }
)

const Mirror = Type.Object({
  upstream: Text('name', { description: 'The group that gets copies. Its answers are thrown away.' }),
  share: Type.Optional(Share({ default: 1, description: 'The share of the requests that is copied, drawn for each.' })),
  compare: Type.Optional(CompareOptions)
})

/** Where copies of a route's requests go. */
export const MirrorOptions = Type.Union([Type.Literal(false), Mirror, Type.Array(Mirror, { minItems: 1, maxItems: 8 })], {
  default: false,
  description:
    'Groups that get a copy of requests, which never delays or fails the request itself: one, or a list. Only bodies within body.buffer are copied.'
})
