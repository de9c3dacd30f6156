import Type from 'typebox'
import { Named, Text } from '../model/option-types.ts'

/** What must hold for a route to match; all of them. */
export const PredicateOptions = {
  prefix: Text('prefix', { description: 'The path, or the beginning of it at a segment boundary, that the route matches.' }),
  host: Type.Optional(
    Text('host', { description: 'The host that must be asked for, such as api.example.com or *.example.com.' })
  ),
  methods: Type.Optional(Type.Array(Text('method'), { minItems: 1, description: 'The methods that match; absent: every one.' })),
  headers: Type.Optional(
    Named('header-name', Text('header-value'), { description: 'Headers that must have exactly these values.' })
  ),
  query: Type.Optional(
    Named('text', Text('text'), { description: 'Parameters of the query that must have exactly these values.' })
  )
}

const shares = Named('name', Type.Unsafe<number>({ type: 'number', minimum: 0 }), {
  description: 'The share of each group; any numbers, only their relation counts.'
})

/** The shares alone (drawn for each request), or with what keeps a client at its group. */
export const SplitOptions = Type.Union(
  [
    Type.Object({
      to: shares,
      by: Type.Optional(
        Text('key', {
          description:
            "What keeps a client at its group: ip, 'cookie:NAME', 'header:NAME' or 'query:NAME'; absent: drawn each time."
        })
      )
    }),
    shares
  ],
  { description: 'Several groups that share the requests of the route, such as 95 to 5 for a canary.' }
)
