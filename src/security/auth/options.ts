import Type from 'typebox'
import { credentialKinds } from '../../model/consumer.ts'
import { Named, Text } from '../../model/option-types.ts'

const way = (description: string) => Type.Optional(Type.Boolean({ default: false, description }))
const namedWay = (description: string) =>
  Type.Optional(Type.Union([Type.Boolean(), Text('name')], { default: false, description }))

/** What a route asks of who uses it, as a mapping. */
export const AuthMapping = Type.Object({
  jwt: namedWay('A JSON Web Token; true, or the name of the verifier where security.jwt has several.'),
  apiKey: way('An API key.'),
  basic: way('A user and password of HTTP Basic.'),
  introspection: way('An opaque token that its issuer is asked about.'),
  certificate: way('A client certificate.'),
  service: namedWay('Whatever a service of your own accepts; true, or the name of the service where there are several.'),
  require: Type.Optional(
    Type.Enum(['any', 'all'], { default: 'any', description: 'Whether one of these is enough, or all are needed.' })
  ),
  scopes: Type.Optional(
    Type.Array(Text('text'), { default: [], description: 'Scopes that the consumer must have, all of them.' })
  ),
  claims: Type.Optional(
    Named('text', Type.Unsafe<string | number | boolean>(Type.Union([Text('text'), Type.Number(), Type.Boolean()])), {
      default: {},
      description: 'Claims that must have, or contain, this value; a dot leads into a claim that is a mapping.'
    })
  ),
  forward: Type.Optional(
    Named('text', Text('changed-header'), {
      default: {},
      description:
        'Headers that tell the upstream a claim, by the claim. Of a client they are removed on every route, also where they are named here only.'
    })
  ),
  mode: Type.Optional(
    Type.Enum(['enforce', 'observe'], {
      default: 'enforce',
      description: 'With observe, it is decided and counted who would be refused, and nobody is.'
    })
  )
})

/** A kind of credential, a list of which one is enough, or a mapping. */
export const AuthOptions = Type.Union(
  [
    Type.Literal(false),
    Type.Enum([...credentialKinds]),
    Type.Array(Type.Enum([...credentialKinds]), { minItems: 1 }),
    AuthMapping
  ],
  {
    default: false,
    description: 'Who may use the route: a kind of credential that security configures, or a list; false: anybody.'
  }
)
