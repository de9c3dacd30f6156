import Type from 'typebox'
import { Duration, Named, type SecretText, Text } from '../model/option-types.ts'

const TargetObject = Type.Object({
  url: Text('origin', {
    description: 'Where the target listens: scheme, host and port alone, or unix: and the path of a socket.'
  }),
  weight: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      default: 1,
      description: 'How much traffic the target takes compared with the others; 0 only when nothing else is left.'
    })
  ),
  tier: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 255,
      default: 0,
      description: 'Tier 0 serves first; a higher tier takes over when every lower one is out.'
    })
  ),
  zone: Type.Optional(Text('text', { description: 'The zone or data centre that the target stands in.' })),
  id: Type.Optional(
    Text('name', {
      description: 'The name in metrics, logs and the admin API; host:port when absent, of a socket its path with - for slashes.'
    })
  ),
  tags: Type.Optional(Type.Array(Text('text'), { default: [], description: 'Marks that plugins can select targets by.' })),
  labels: Type.Optional(
    Named('text', Text('text'), {
      default: {},
      description: 'Names and values that are shown with the target, such as its rack.'
    })
  )
})

/** One target: its URL, or the URL with more about it. */
export const TargetOptions = Type.Union([Text('origin'), TargetObject])

/** How the gateway proves and checks identity towards the targets of a group. */
export const TlsOptions = Type.Object(
  {
    verify: Type.Optional(
      Type.Boolean({ default: true, description: 'Whether the certificate of a target must be valid and issued for its name.' })
    ),
    ca: Type.Optional(
      Text<SecretText>('pem', { description: 'The certificates that a target is trusted by, in place of the public ones.' })
    ),
    cert: Type.Optional(Text<SecretText>('pem', { description: 'The certificate that the gateway shows to the targets.' })),
    key: Type.Optional(Text<SecretText>('pem', { description: 'The private key of that certificate.' })),
    servername: Type.Optional(
      Text('host', { description: 'The name that is asked for and checked, when it is not the host of the URL.' })
    )
  },
  { default: {}, description: 'TLS towards targets whose URL is https.' }
)

/** How long an attempt may take, each part in milliseconds. */
export const UpstreamTimeouts = Type.Object(
  {
    connect: Type.Optional(
      Duration({ above: 0, default: '2s', description: 'How long a connection to a target may take, TLS included.' })
    ),
    response: Type.Optional(
      Duration({
        above: 0,
        default: '5s',
        description:
          "From the last byte of the request sent until the answer's headers have come; waiting for the client is not counted."
      })
    ),
    idle: Type.Optional(
      Duration({
        above: 0,
        default: '60s',
        description:
          'How long a target may pause while it takes in a request or sends its answer; see tunnel for streams of events.'
      })
    ),
    tunnel: Type.Optional(
      Duration({
        above: 0,
        default: '1h',
        description:
          'How long nothing may go through a WebSocket or another upgrade in either direction; and how long a stream of events, or of gRPC messages, may pause.'
      })
    )
  },
  { default: {}, description: 'How long one attempt at a target may take.' }
)
