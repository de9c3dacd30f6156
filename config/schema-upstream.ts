import Type from 'typebox'
import { BalanceOptions } from '../src/balance/options.ts'
import { BreakerOptions } from '../src/breaker/options.ts'
import { FailoverOptions, RetryOptions } from '../src/failover/options.ts'
import { HealthOptions } from '../src/health/options.ts'
import { HedgeOptions } from '../src/hedge/options.ts'
import { LimitOptions } from '../src/limit/options.ts'
import { Duration, Soon } from '../src/model/option-types.ts'
import { OutlierOptions } from '../src/outlier/options.ts'
import { TargetOptions, TlsOptions, UpstreamTimeouts } from '../src/upstream/options.ts'

/** A group of targets. */
export const UpstreamOptions = Type.Partial(
  Type.Object({
    targets: Type.Array(TargetOptions, { description: 'The servers of the group.' }),
    discovery: Soon('Where the targets are looked up.'),
    balance: BalanceOptions,
    health: HealthOptions,
    outliers: OutlierOptions,
    breaker: BreakerOptions,
    retry: RetryOptions,
    hedge: HedgeOptions,
    failover: FailoverOptions,
    slowStart: Duration({
      default: '30s',
      description: 'How long a target that has come back takes to get its full share; 0: it gets it at once.'
    }),
    limits: LimitOptions,
    timeouts: UpstreamTimeouts,
    tls: TlsOptions,
    protocol: Type.Enum(['http1', 'http2', 'h2c'], {
      default: 'http1',
      description:
        'What is spoken with the targets: HTTP/1.1; HTTP/2 over TLS, for https URLs; HTTP/2 without TLS by prior knowledge, for http URLs.'
    })
  })
)
