import Type, { type Static } from 'typebox'
import { AcmeOptions } from '../src/acme/options.ts'
import { Duration, Named, type SecretText, Soon, Text } from '../src/model/option-types.ts'
import { LoggingOptions, MetricsOptions } from '../src/observe/options.ts'
import { StoreOptions } from '../src/rate-limit/options.ts'
import { JwtOptions } from '../src/security/jwt/options.ts'
import { Http2Options, HttpsRedirectOptions, ServerTlsOptions } from '../src/transport/options.ts'
import { RouteOptions, routeOptional } from './schema-route.ts'
import { credentialOptions } from './schema-security.ts'
import { UpstreamOptions } from './schema-upstream.ts'

// The two policies meet here.
const ServerTls = Type.Object(
  { ...ServerTlsOptions.properties, acme: Type.Optional(AcmeOptions) },
  { description: 'The certificates that clients are shown, and what is accepted of clients.' }
)

const Listener = Type.Object({
  address: Text('address', { description: 'Host and port that clients connect to.' }),
  tls: Type.Optional(ServerTls),
  http2: Type.Optional(Http2Options),
  proxyProtocol: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        "Whether every connection begins with a PROXY header, version 1 or 2, which gives the client's address. Only peers in trustProxy may connect then."
    })
  ),
  redirect: Type.Optional(HttpsRedirectOptions)
})

const Listen = Type.Union(
  [Text('address'), Listener, Type.Array(Type.Union([Text('address'), Listener]), { minItems: 1, maxItems: 64 })],
  {
    default: '0.0.0.0:8080',
    description: 'Where clients connect to: an address, a mapping, or a list of these.'
  }
)

const Admin = Type.Union(
  [
    Text('address'),
    Type.Literal(false),
    Type.Object({
      address: Type.Optional(
        Text('address', { default: '127.0.0.1:9901', description: 'Host and port of health, metrics, admin API and dashboard.' })
      ),
      token: Type.Optional(
        Text<SecretText>('secret', { description: 'What must be shown as a bearer token for everything but health and metrics.' })
      )
    })
  ],
  { default: '127.0.0.1:9901', description: 'Where health, metrics, admin API and dashboard answer; false: nowhere.' }
)

const ClientTimeouts = Type.Partial(
  Type.Object({
    headers: Duration({ above: 0, default: '10s', description: 'How long a client may take to send the headers of a request.' }),
    request: Duration({ default: '60s', description: 'How long a client may take to send a whole request; 0: no limit.' }),
    keepAlive: Duration({ above: 0, default: '72s', description: 'How long a connection may be idle between two requests.' })
  }),
  { default: {}, description: 'How long clients may take.' }
)

const Connections = Type.Partial(
  Type.Object({
    perAddress: Type.Integer({
      minimum: 0,
      default: 0,
      description:
        'How many connections an address (of IPv6 a /64) may have open at once; 0: any number. Those in trustProxy may have more.'
    })
  }),
  { default: {}, description: 'How many connections clients may have. One that is too many is closed at once.' }
)

const Drain = Type.Partial(
  Type.Object({
    notReady: Duration({
      default: '5s',
      description: 'How long /readyz says no before the gateway stops listening, so that balancers in front of it notice.'
    }),
    finish: Duration({ default: '20s', description: 'How long requests that are under way may take to finish after that.' })
  }),
  { default: {}, description: 'How the gateway stops.' }
)

const Plugin = Type.Object({
  use: Text('module', { description: 'The path of the plugin, counted from this file, or the name of a package.' }),
  name: Type.Optional(Text('name', { description: "What routes call it; the file's or the package's name when absent." })),
  options: Type.Optional(
    Type.Unsafe<Record<string, unknown>>({ type: 'object', default: {}, description: 'What the plugin is given.' })
  ),
  routes: Type.Optional(
    Type.Enum(['all', 'named'], {
      default: 'all',
      description: 'Whether it runs on every route, or on those that list it in plugins.'
    })
  )
})

// A route's own retry is not among them: `retry` in defaults is that of the groups.
const { retry: _ofOneRoute, ...routeDefaults } = routeOptional
const Defaults = Type.Partial(Type.Object({ ...UpstreamOptions.properties, ...routeDefaults }), {
  default: {},
  description: 'Any key of an upstream or a route, for all that do not say it themselves; mappings are merged key by key.'
})

const Jwt = Type.Union([Named('name', Type.Unsafe<Static<typeof JwtOptions>>(JwtOptions), {}), JwtOptions], {
  description: 'How JSON Web Tokens are verified: one verifier, or several by name.'
})

/** The configuration as a user writes it. */
export const GatewaySchema = Type.Partial(
  Type.Object({
    $schema: Text('text', { description: 'The schema that an editor checks the file by; it has no effect.' }),
    listen: Listen,
    admin: Admin,
    workers: Soon('How many processes share the address.', [1]),
    zone: Text('text', {
      description: 'The zone or data centre that this gateway stands in: targets of the same zone are used first.'
    }),
    trustProxy: Type.Array(Text('network'), {
      default: [],
      description:
        "Addresses and networks whose X-Forwarded-For and other statements about a client are believed; nobody's by default."
    }),
    timeouts: ClientTimeouts,
    connections: Connections,
    drain: Drain,
    store: StoreOptions,
    defaults: Defaults,
    upstreams: Named('name', Type.Unsafe<Static<typeof UpstreamOptions>>(UpstreamOptions), {
      default: {},
      description: 'The groups of targets, by name.'
    }),
    routes: Type.Array(RouteOptions, { default: [], description: 'Which requests go where.' }),
    security: Type.Partial(
      Type.Object({
        jwt: Jwt,
        ...credentialOptions,
        allow: Type.Array(Text('network'), {
          default: [],
          description: 'The addresses and networks that may send requests; empty: all. A route may narrow it further.'
        }),
        deny: Type.Array(Text('network'), {
          default: [],
          description: 'The addresses and networks that may send none, to no path. It wins over allow.'
        })
      }),
      { default: {}, description: 'Who may send requests.' }
    ),
    logging: LoggingOptions,
    metrics: MetricsOptions,
    tracing: Soon('Where spans are sent.'),
    alerts: Soon('Who is told when something is wrong.'),
    plugins: Type.Array(Plugin, { default: [], description: 'Fastify plugins that run with every request, or on some routes.' })
  }),
  { title: 'Evergate configuration', description: 'The configuration of an Evergate gateway.' }
)

/** What `defineConfig` takes: the static type of the schema. */
export type ConfigInput = Static<typeof GatewaySchema>
