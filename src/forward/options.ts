import Type from 'typebox'
import { Duration, Named, Size, Text } from '../model/option-types.ts'

/** How much of a request's body is taken, and held for another attempt. */
export const BodyOptions = Type.Partial(
  Type.Object({
    max: Size({ default: '10mb', description: 'The largest body that is accepted; a larger one is answered with 413.' }),
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
      set: Named('changed-header', Text('header-value'), {
        default: {},
        description: `Headers of the ${whose} that get this value.`
      }),
      add: Named('changed-header', Text('header-value'), {
        default: {},
        description: `Headers of the ${whose} that get this value beside the ones they have.`
      }),
      remove: Type.Array(Text('changed-header'), { default: [], description: `Headers of the ${whose} that are taken out.` })
    }),
    { default: {}, description: `Changes to the headers of the ${whose}.` }
  )

export const TransformOptions = Type.Partial(
  Type.Object({ request: HeaderRules('request'), response: HeaderRules('response') }),
  {
    default: {},
    description: 'Changes to headers on the way to the target and back.'
  }
)

export const HostHeader = Type.Enum(['target', 'client'], {
  default: 'target',
  description: 'Whose Host the target sees: its own, or the one that the client asked for.'
})
