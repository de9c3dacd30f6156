import Type from 'typebox'
import { type SecretText, Text } from '../model/option-types.ts'

/**
 * The suites of TLS 1.2 in Mozilla's intermediate profile, version 6.0 of the guidelines.
 * Source: https://ssl-config.mozilla.org/guidelines/6.0.json
 */
export const intermediateCiphers = [
  ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305']
]
  .flat()
  .join(':')

const cert = Text<SecretText>('pem', {
  description:
    'The certificate that clients are shown, and those between it and a root; a file of it is read again when it changes.'
})
const key = Text<SecretText>('pem', { description: 'The private key of that certificate.' })

/** One more certificate of a listener, for other names. */
const CertificateOptions = Type.Object({
  cert,
  key,
  hosts: Type.Optional(
    Type.Array(Text('host'), {
      minItems: 1,
      description:
        'The names that it is shown for, such as api.example.com or *.example.com; those in the certificate when absent.'
    })
  )
})

const ClientCertificateOptions = Type.Union(
  [
    Type.Literal(false),
    Type.Object({
      ca: Text<SecretText>('pem', {
        description: 'The certificates that clients are trusted by; a file of them is read again when it changes.'
      }),
      require: Type.Optional(
        Type.Boolean({
          default: true,
          description:
            'Whether a client needs one. Where it does not, one that shows a certificate that is not trusted is refused still.'
        })
      )
    })
  ],
  { default: false, description: 'Certificates that clients are asked for; false: none.' }
)

/** How a listener proves who it is, and what it accepts. */
export const ServerTlsOptions = Type.Object(
  {
    cert: Type.Optional(cert),
    key: Type.Optional(key),
    certificates: Type.Optional(
      Type.Array(CertificateOptions, {
        maxItems: 1024,
        default: [],
        description:
          'More certificates. A client gets the one for the name that it asks for (SNI); the first of all when there is none.'
      })
    ),
    minVersion: Type.Optional(
      Type.Enum(['TLSv1.2', 'TLSv1.3'], { default: 'TLSv1.2', description: 'The oldest version of TLS that is spoken.' })
    ),
    ciphers: Type.Optional(
      Text('text', {
        default: intermediateCiphers,
        description:
          "The cipher suites of TLS 1.2 (and of 1.3: all three when none is named), as OpenSSL names them; the default is Mozilla's intermediate profile 6.0."
      })
    ),
    clientCertificates: Type.Optional(ClientCertificateOptions)
  },
  { description: 'The certificates that clients are shown, and what is accepted of clients.' }
)

/** Of a listener that is an address and nothing else. */
export const http2ByDefault = { maxStreams: 128 }

/** HTTP/2 beside HTTP/1.1: where true stands, or nothing, all of it as by default. */
export const Http2Options = Type.Union(
  [
    Type.Boolean(),
    Type.Object({
      maxStreams: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 65_535,
          default: http2ByDefault.maxStreams,
          description: 'How many requests a connection may have under way at once; clients hold back what is beyond.'
        })
      )
    })
  ],
  {
    default: true,
    description:
      'Whether HTTP/2 is spoken beside HTTP/1.1 on the same port: by ALPN with tls, else by prior knowledge (the first bytes of a connection tell).'
  }
)

/** Where a listener sends every request. */
export const HttpsRedirectOptions = Type.Union(
  [
    Type.Literal('https'),
    Type.Literal(false),
    Type.Object({
      to: Type.Optional(Type.Enum(['https'], { default: 'https', description: 'The scheme.' })),
      port: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: 65535,
          default: 443,
          description: 'The port where clients reach the listener with tls.'
        })
      )
    })
  ],
  { description: 'Answers every request of this listener with 308 and the same host, path and query under https.' }
)
