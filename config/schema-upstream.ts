import Type from 'typebox'
import { BalanceOptions } from '../src/balance/options.ts'
import { BreakerOptions } from '../src/breaker/options.ts'
import { FailoverOptions, RetryOptions } from '../src/failover/options.ts'
import { HedgeOptions } from '../src/hedge/options.ts'
import { Soon } from '../src/model/option-types.ts'
import { OutlierOptions } from '../src/outlier/options.ts'
import { TargetOptions, TlsOptions, UpstreamTimeouts } from '../src/upstream/options.ts'

const Limits = Type.Partial(
  Type.Object({
    concurrency: Soon('How many requests the group works on at once; 0: no limit.'),
    perTarget: Soon('How many requests one target works on at once; 0: no limit.'),
    queue: Soon('How many requests wait when that many are under way.', [100]),
    queueTime: Soon('How long they wait.', ['100ms'])
  }),
  { default: {}, description: 'How much a group takes on at once.' }
)

/** A group of targets. */
export const UpstreamOptions = Type.Partial(
  Type.Object({
    targets: Type.Array(TargetOptions, { description: 'The servers of the group.' }),
    discovery: Soon('Where the targets are looked up.'),
    balance: BalanceOptions,
    health: Soon('How targets are asked whether they are well.'),
    outliers: OutlierOptions,
    breaker: BreakerOptions,
    retry: RetryOptions,
    hedge: HedgeOptions,
    failover: FailoverOptions,
    slowStart: Soon('How long a target that has come back takes to get its full share.'),
    limits: Limits,
    timeouts: UpstreamTimeouts,
    tls: TlsOptions,
    protocol: Type.Enum(['http1', 'http2', 'h2c'], {
      default: 'http1',
      soon: ['http2', 'h2c'],
      description: 'What is spoken with the targets.'
    })
  })
)
