import Type from 'typebox'
import { type SecretText, Text } from '../model/option-types.ts'

/** A certificate that the gateway obtains by itself (ACME, RFC 8555), proven over HTTP (HTTP-01). */
export const AcmeOptions = Type.Object(
  {
    directory: Type.Optional(
      Text('url', {
        default: 'https://acme-v02.api.letsencrypt.org/directory',
        description: "The ACME directory of a certificate authority; the default is Let's Encrypt's for production."
      })
    ),
    email: Type.Optional(Text('text', { description: 'Where the authority may write to.' })),
    domains: Type.Array(Text('host'), {
      minItems: 1,
      maxItems: 100,
      description: 'The names that the certificate is for. No wildcards: HTTP-01 cannot prove them.'
    }),
    storage: Text('text', {
      description:
        'The directory, counted from this file, for the key of the account and the certificates. Gateways may share one.'
    }),
    agreeToTerms: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether you agree to the terms of service of the authority; it must be true.'
      })
    ),
    ca: Type.Optional(
      Text<SecretText>('pem', {
        description: 'The certificates that the directory itself is trusted by, in place of those that Node.js knows.'
      })
    )
  },
  { description: 'Obtains the certificate from an ACME server and renews it; in place of cert, key and certificates.' }
)

/** The same, read and complete. */
export interface AcmeTerms {
  readonly directory: string
  readonly email?: string
  /** In lower case. */
  readonly domains: readonly string[]
  /** An absolute path. */
  readonly storage: string
  /** PEM text. */
  readonly ca?: string
}
