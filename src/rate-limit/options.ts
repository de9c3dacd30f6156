import Type, { type Static } from 'typebox'
import { Duration, type SecretText, Text } from '../model/option-types.ts'
import { limitAlgorithms } from '../model/rate-limit.ts'

const Limit = Type.Object({
  limit: Type.Integer({
    maximum: 1_000_000_000,
    description: 'How many requests pass within the window, or are under way at once.'
  }),
  window: Type.Optional(
    Duration({ above: 0, description: 'In which time. Every algorithm needs it but concurrency, which has none.' })
  ),
  by: Type.Optional(
    Text('limit-key', {
      default: 'ip',
      description:
        "Which requests are counted together: those of an ip (an IPv6 address by its /64), of the route, of a consumer, of a 'claim:NAME', a 'header:NAME', or by what a plugin says: 'plugin:NAME'. A request that lacks it is counted by its ip. With consumer, the limit that a consumer has of its own takes the place of limit and window, unless requests are counted that are under way."
    })
  ),
  algorithm: Type.Optional(
    Type.Enum(limitAlgorithms, {
      default: 'sliding',
      description:
        'sliding: never more than the limit in any span of the window; fixed: windows one after the other; token: the limit at once, then one by one; concurrency: requests under way.'
    })
  ),
  name: Type.Optional(Text('name', { description: 'What RateLimit calls it; what it is counted by when absent.' })),
  legacyHeaders: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether answers also have x-ratelimit-limit, -remaining and -reset.' })
  )
})

/** How many requests a route takes. */
export const RateLimitOptions = Type.Union([Type.Literal(false), Limit, Type.Array(Limit, { minItems: 1, maxItems: 16 })], {
  default: false,
  description: 'How many requests the route takes: one limit, or a list of which all must have room; false: any number.'
})
export type RateLimitOptions = Static<typeof RateLimitOptions>
export type WrittenLimit = Static<typeof Limit>

const RedisUrl = Text<SecretText>('redis', { description: 'The address of a Redis or Valkey server.' })

/** Where counters are kept. */
export const StoreOptions = Type.Union(
  [
    Type.Literal('memory'),
    Type.Object({
      redis: Type.Union([RedisUrl, Type.Array(RedisUrl, { minItems: 1, maxItems: 32 })], {
        description:
          'A server that several gateways share, such as redis://user:password@host:6379/0, rediss:// with TLS, or { file: path }; a list: nodes of a cluster.'
      }),
      timeout: Type.Optional(
        Duration({
          above: 0,
          default: '50ms',
          description: 'How long a request waits for it at most; then counters are local until it answers again.'
        })
      )
    })
  ],
  {
    default: 'memory',
    description: 'Where counters are kept: memory is this process, redis is shared by several gateways.'
  }
)
