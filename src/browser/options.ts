import Type from 'typebox'
import { Duration, Text } from '../model/option-types.ts'

const Cors = Type.Object({
  origins: Type.Array(Text('web-origin'), {
    minItems: 1,
    description:
      'The origins whose pages may use the route, such as https://app.example or https://*.example.com; * is every one.'
  }),
  methods: Type.Optional(
    Type.Array(Text('method'), {
      description: 'The methods that they may use; absent: those of the route, or GET, HEAD, POST, PUT, PATCH and DELETE.'
    })
  ),
  headers: Type.Optional(
    Type.Array(Text('header-name'), { description: 'The headers that they may send; absent: whichever they ask for.' })
  ),
  exposed: Type.Optional(
    Type.Array(Text('header-name'), { default: [], description: 'The headers of answers that their scripts may read.' })
  ),
  credentials: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether browsers may send cookies and other credentials with them.' })
  ),
  maxAge: Type.Optional(
    Duration({ description: 'How long a browser may remember the answer to its question; absent: as long as it does by itself.' })
  )
})

/** Cross-origin resource sharing (the Fetch standard). False: what the upstream says of it passes as it is. */
export const CorsOptions = Type.Union([Type.Literal(false), Cors], {
  default: false,
  description:
    'Which pages of other origins may use the route; preflights are answered here, and what the upstream says of it is replaced.'
})
