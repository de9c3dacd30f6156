import Type from 'typebox'
import { Duration, PassOn, type SecretText, Text } from '../../model/option-types.ts'
import { signatureAlgorithms } from '../../model/signature-algorithms.ts'

const OneOrMore = (description: string) =>
  Type.Optional(Type.Union([Text('text'), Type.Array(Text('text'), { minItems: 1 })], { description }))

/** How the tokens of one issuer are verified. Exactly one of `secret`, `publicKey` and `jwks` says by which key. */
export const JwtOptions = Type.Object({
  issuer: OneOrMore('What iss of a token must be, or one of these; absent: anything.'),
  audience: OneOrMore('What aud of a token must be or contain, or one of these; absent: anything.'),
  algorithms: Type.Optional(
    Type.Array(Type.Enum([...signatureAlgorithms]), {
      minItems: 1,
      description:
        'The signatures that are accepted; absent: HS256 with a secret, the one that fits with a publicKey (RS256 for RSA), RS256, ES256 and EdDSA with jwks.'
    })
  ),
  secret: Type.Optional(
    Text<SecretText>('secret', { description: 'The shared secret of HS algorithms, at least as long as the hash.' })
  ),
  publicKey: Type.Optional(
    Text<SecretText>('pem', { description: 'The public key of the issuer: its file, or the PEM text itself.' })
  ),
  jwks: Type.Optional(Text('url', { description: 'Where the issuer publishes its keys, as a JSON Web Key Set.' })),
  clockTolerance: Type.Optional(
    Duration({ default: '5s', description: 'How far the clock of the issuer may be off; at most 60s.' })
  ),
  requiredClaims: Type.Optional(
    Type.Array(Text('text'), { default: [], description: 'Claims that a token must have, besides exp.' })
  ),
  header: Type.Optional(
    Type.Union([Type.Literal(false), Text('header-name')], {
      default: 'authorization',
      description: 'The header that the token stands in, after Bearer in authorization; false: in none.'
    })
  ),
  cookie: Type.Optional(Text('text', { description: 'A cookie that the token may stand in as well; absent: none.' })),
  query: Type.Optional(
    Text('text', {
      description: 'A parameter of the query that the token may stand in as well; absent: none. Others may log it.'
    })
  ),
  passOn: PassOn,
  cache: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      default: 10_000,
      description: 'How many verified tokens are remembered, each at most until it expires; 0: none.'
    })
  )
})
