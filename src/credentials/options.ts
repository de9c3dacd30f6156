import Type from 'typebox'
import { Duration, PassOn, type SecretText, Text } from '../model/option-types.ts'

// What a check of the configuration needs to judge the files that are named.
export { type CredentialFile, type FileProblem, problemText, readCredentialFile } from './credential-file.ts'

const realm = Text('header-value', { default: 'api', description: 'What clients that show nothing are told that they enter.' })

export const ApiKeysOptions = Type.Object(
  {
    file: Text('text', {
      description:
        'The file that `evergate keys` writes; it is read again when it changes. A key may have a limit of its own there, such as limit: 500/1m, which takes the place of the number and window of every rateLimit by: consumer.'
    }),
    header: Type.Optional(Text('header-name', { default: 'x-api-key', description: 'The header that a key comes in.' })),
    query: Type.Optional(
      Text('name', {
        description: 'A query parameter that a key may come in too; absent: none, since addresses end up in logs and histories.'
      })
    ),
    authorization: Type.Optional(
      Type.Boolean({ default: false, description: 'Whether a key may come as `Authorization: ApiKey KEY` too.' })
    ),
    realm: Type.Optional(realm),
    passOn: PassOn
  },
  { description: 'API keys, which are stored as hashes.' }
)

export const BasicOptions = Type.Object(
  {
    file: Text('text', {
      description:
        'The file that `evergate keys add NAME --basic` writes; it is read again when it changes. A user may have a limit as an API key has it.'
    }),
    realm: Type.Optional(realm),
    passOn: PassOn
  },
  { description: 'Names and passwords as HTTP Basic has them (RFC 7617).' }
)

export const IntrospectionOptions = Type.Object(
  {
    url: Text('url', { description: 'The introspection endpoint of the server that issues the tokens (RFC 7662).' }),
    clientId: Text('text', { description: 'The name that this gateway has at that server.' }),
    clientSecret: Text<SecretText>('secret', { description: 'And its secret.' }),
    timeout: Type.Optional(
      Duration({ above: 0, default: '2s', description: 'How long an answer may take; without one nobody gets in.' })
    ),
    cache: Type.Optional(
      Duration({
        default: '1m',
        description:
          'How long an answer is believed, so how late a withdrawn token is noticed at most; never beyond the end of the token. 0: every request asks.'
      })
    ),
    realm: Type.Optional(realm),
    passOn: PassOn
  },
  { description: 'Tokens that only their issuer can read: it is asked about each.' }
)

export const CertificateOptions = Type.Object(
  {
    name: Type.Optional(
      Type.Enum(['cn', 'dns', 'uri', 'email', 'fingerprint'], {
        default: 'cn',
        description: 'What of the certificate names the consumer; one that has several of it, or none, is refused.'
      })
    ),
    allow: Type.Optional(
      Type.Array(Text('text'), {
        default: [],
        description: "The names that may come in; empty: whoever the listener's authorities vouch for."
      })
    )
  },
  { description: 'Client certificates that a listener with tls.clientCertificates asks for.' }
)

export const ServiceOptions = Type.Object(
  {
    url: Text('url', { description: 'What is asked with GET about each request: 2xx lets it in, 401 and 403 do not.' }),
    timeout: Type.Optional(
      Duration({ above: 0, default: '2s', description: 'How long an answer may take; without one nobody gets in.' })
    ),
    forwardHeaders: Type.Optional(
      Type.Array(Text('changed-header'), {
        default: ['authorization', 'cookie'],
        description:
          'The headers of the request that the service is sent, beside x-forwarded-method, x-forwarded-uri, x-forwarded-host and x-forwarded-for.'
      })
    ),
    nameHeader: Type.Optional(
      Text('header-name', {
        default: 'x-auth-request-user',
        description: "The header of the answer that names the consumer; without it the name is 'anonymous'."
      })
    ),
    scopesHeader: Type.Optional(
      Text('header-name', { description: "The header of the answer that lists the consumer's scopes, with spaces between them." })
    ),
    responseHeaders: Type.Optional(
      Type.Array(Text('header-name'), {
        default: [],
        description: 'The headers of the answer that become claims under the same names, which a route may ask for or forward.'
      })
    )
  },
  { description: 'A service that is asked about each request, as auth_request of nginx and forwardAuth of Traefik do.' }
)

/** The options as the configuration resolves them: absolute paths, times in milliseconds, defaults filled in. */
export interface ApiKeysSettings {
  readonly file: string
  /** In lower case. */
  readonly header: string
  readonly query?: string
  readonly authorization: boolean
  readonly realm: string
  readonly passOn: boolean
}

export interface BasicSettings {
  readonly file: string
  readonly realm: string
  readonly passOn: boolean
}

export interface IntrospectionSettings {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly timeout: number
  /** 0: none. */
  readonly cache: number
  readonly realm: string
  readonly passOn: boolean
}

export interface ServiceSettings {
  readonly url: string
  readonly timeout: number
  /** Names in lower case, here and below. */
  readonly forwardHeaders: readonly string[]
  readonly nameHeader: string
  readonly scopesHeader?: string
  readonly responseHeaders: readonly string[]
}

/** How a client certificate names who shows it. */
export interface CertificateSettings {
  readonly name: 'cn' | 'dns' | 'uri' | 'email' | 'fingerprint'
  readonly allow: readonly string[]
}

export interface CredentialSettings {
  readonly certificate?: CertificateSettings
  readonly apiKeys?: ApiKeysSettings
  readonly basic?: BasicSettings
  readonly introspection?: IntrospectionSettings
  readonly service?: ServiceSettings
}
