import Type from 'typebox'
import { CorsOptions, CsrfOptions, SecurityHeadersOptions } from '../src/browser/options.ts'
import { CacheOptions } from '../src/cache/options.ts'
import { CompressOptions } from '../src/compress/options.ts'
import { RouteRetryOptions } from '../src/failover/options.ts'
import { FaultOptions } from '../src/fault/options.ts'
import { BodyOptions, HostHeader, TransformOptions } from '../src/forward/options.ts'
import { MirrorOptions } from '../src/mirror/options.ts'
import { priorities } from '../src/model/admitting.ts'
import { Duration, Text } from '../src/model/option-types.ts'
import { RateLimitOptions } from '../src/rate-limit/options.ts'
import { PredicateOptions, RedirectOptions, RespondOptions, SplitOptions } from '../src/routing/options.ts'
import { AuthOptions } from '../src/security/auth/options.ts'

/** The keys of which a route has exactly one. */
export const destinations = ['upstream', 'split', 'redirect', 'respond'] as const

const { prefix, path, ...predicates } = PredicateOptions

/** Everything that a route may leave out. */
export const routeOptional = {
  ...predicates,
  upstream: Type.Optional(Text('name', { description: 'The group that answers.' })),
  split: Type.Optional(SplitOptions),
  redirect: Type.Optional(RedirectOptions),
  respond: Type.Optional(RespondOptions),
  rewrite: Type.Optional(
    Text('path', {
      description: 'What replaces the prefix, or the whole path of a route that has path; absent: the path goes on unchanged.'
    })
  ),
  timeout: Type.Optional(
    Duration({
      above: 0,
      default: '15s',
      description: 'From the moment the whole request has come in until the answer begins, retries and waiting included.'
    })
  ),
  auth: Type.Optional(AuthOptions),
  rateLimit: Type.Optional(RateLimitOptions),
  allow: Type.Optional(
    Type.Array(Text('network'), {
      default: [],
      description: 'The addresses and networks that may use the route, of those that security lets in; empty: all.'
    })
  ),
  deny: Type.Optional(
    Type.Array(Text('network'), {
      default: [],
      description: 'The addresses and networks that may not use the route. It wins over allow.'
    })
  ),
  body: Type.Optional(BodyOptions),
  transform: Type.Optional(TransformOptions),
  cors: Type.Optional(CorsOptions),
  securityHeaders: Type.Optional(SecurityHeadersOptions),
  csrf: Type.Optional(CsrfOptions),
  mirror: Type.Optional(MirrorOptions),
  hostHeader: Type.Optional(HostHeader),
  cache: Type.Optional(CacheOptions),
  compress: Type.Optional(CompressOptions),
  retry: Type.Optional(RouteRetryOptions),
  priority: Type.Optional(
    Type.Union(
      [
        Type.Enum(priorities),
        Type.Object({
          header: Text('header-name', { description: 'The header that says critical, default or low for each request.' })
        })
      ],
      { default: 'default', description: 'Who is served first when a group has reached its limit: critical, default or low.' }
    )
  ),
  fault: Type.Optional(FaultOptions),
  plugins: Type.Optional(
    Type.Array(Text('text'), { default: [], description: 'The plugins with routes: named that run on this route.' })
  ),
  mode: Type.Optional(
    Type.Enum(['enforce', 'observe'], {
      default: 'enforce',
      description:
        'With observe, limits and lists decide and report, and nobody is refused; authentication only where auth says so.'
    })
  )
}

/** A route. */
export const RouteOptions = Type.Object({ prefix, path, ...routeOptional }, { oneKeyOf: ['prefix', 'path'] })
