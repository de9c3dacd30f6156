import Type from 'typebox'
import { Named, Text } from '../model/option-types.ts'

/** What must hold for a route to match; all of them. */
export const PredicateOptions = {
  prefix: Type.Optional(
    Text('prefix', { description: 'The path, or the beginning of it at a segment boundary, that the route matches; or path.' })
  ),
  path: Type.Optional(
    Text('whole-path', { description: 'The whole path, in place of a prefix: nothing below it matches, and no slash after it.' })
  ),
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

/** Where clients go instead; what nothing is said of is as the client asked. */
export const RedirectOptions = Type.Union(
  [
    Type.Literal(false),
    Type.Object({
      to: Type.Optional(
        Text('location', {
          description: 'A path, or a URL: it replaces the prefix; the rest of the path and the query follow.'
        })
      ),
      scheme: Type.Optional(Type.Enum(['http', 'https'], { description: "The scheme; absent: the client's." })),
      host: Type.Optional(Text('server-name', { description: "The name of the server; absent: the client's." })),
      port: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 65535,
          description: "The port; absent: the scheme's own where scheme is given, else the one that the client asked for."
        })
      ),
      status: Type.Optional(
        Type.Unsafe<301 | 302 | 303 | 307 | 308>({
          type: 'integer',
          minimum: 301,
          maximum: 308,
          default: 308,
          description: '308 and 307 keep the method and the body, the first for ever; 301, 302 and 303 turn most into GET.'
        })
      )
    })
  ],
  { default: false, description: 'Where clients are sent instead.' }
)

/** What the gateway answers itself. */
export const RespondOptions = Type.Union(
  [
    Type.Literal(false),
    Type.Object({
      status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599, default: 200, description: 'The status of the answer.' })),
      headers: Type.Optional(
        Named('changed-header', Text('header-value'), { default: {}, description: 'Headers of the answer.' })
      ),
      body: Type.Optional(
        Text('text', { default: '', description: 'The body; without a content-type among the headers it is plain text.' })
      )
    })
  ],
  { default: false, description: 'What the gateway answers itself, without a target.' }
)
