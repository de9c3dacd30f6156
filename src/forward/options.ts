import Type from 'typebox'
import { Duration, Named, Size, Text } from '../model/option-types.ts'

/** How much of a request's body is taken, and held for another attempt. */
export const BodyOptions = Type.Partial(
  Type.Object({
    max: Size({
      default: '10mb',
      description: 'The largest body that is accepted, or of gRPC the largest message; a larger one is answered with 413.'
    }),
    buffer: Size({ default: '64kb', description: 'How much of a body is held, so that the request can be tried again.' }),
    timeout: Duration({
      description: 'How long the client may take to send the request, in place of timeouts.request; 0 for streams: no limit.'
    })
  }),
  { default: {}, description: 'Limits of the body of a request.' }
)

const HeaderRules = (whose: string) =>
  Type.Partial(
    Type.Object({
      set: Named('changed-header', Text('header-template'), {
        default: {},
        description: `Headers of the ${whose} that get this value.`
      }),
      add: Named('changed-header', Text('header-template'), {
        default: {},
        description: `Headers of the ${whose} that get this value beside the ones they have.`
      }),
      remove: Type.Array(Text('changed-header'), { default: [], description: `Headers of the ${whose} that are taken out.` })
    }),
    { default: {}, description: `Changes to the headers of the ${whose}.` }
  )

const QueryRules = Type.Partial(
  Type.Object({
    set: Named('text', Text('query-template'), { default: {}, description: 'Parameters that get this value.' }),
    add: Named('text', Text('query-template'), {
      default: {},
      description: 'Parameters that get this value beside the ones they have.'
    }),
    remove: Type.Array(Text('text'), { default: [], description: 'Parameters that are taken out.' })
  }),
  { default: {}, description: 'Changes to the query on the way to the target; the rest of it stays byte for byte.' }
)

export const TransformOptions = Type.Partial(
  Type.Object({
    path: Text('path-template', {
      description:
        'The whole path that the target sees, or a redirect leads to, in place of rewrite, such as /v2/{path.2} or /{claim:tenant}{rest}.'
    }),
    query: QueryRules,
    request: HeaderRules('request'),
    response: HeaderRules('response')
  }),
  {
    default: {},
    description: 'Changes on the way to the target and back. Values may have placeholders, such as {claim:sub} or {ip}.'
  }
)

export const HostHeader = Type.Enum(['target', 'client'], {
  default: 'target',
  description: 'Whose Host the target sees: its own, or the one that the client asked for.'
})
