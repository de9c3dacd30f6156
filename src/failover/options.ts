import Type, { type Static } from 'typebox'
import { Duration, type DurationText, Share, Text } from '../model/option-types.ts'

const attempts = Type.Integer({
  minimum: 1,
  maximum: 20,
  default: 3,
  description: 'How often a request may be tried in all, the first time included; 1 turns retries off.'
})

const on = Type.Array(
  Type.Union([Type.Enum(['connect', 'reset', 'timeout']), Type.Integer({ minimum: 100, maximum: 599, noun: 'status' })]),
  {
    default: ['connect', 'reset', 'timeout', 502, 503, 504],
    description: 'The failures and the statuses after which another target is tried.'
  }
)

const backoff = Type.Unsafe<[DurationText, DurationText]>({
  type: 'array',
  items: Duration({}),
  minItems: 2,
  maxItems: 2,
  default: ['25ms', '250ms'],
  description: 'The pause before a second attempt, and the longest that it grows to.'
})

const unsafe = Type.Union([Type.Boolean(), Type.Literal('idempotency-key')], {
  default: false,
  description: 'Whether methods that may act twice, such as POST, are retried; idempotency-key: those that carry such a header.'
})

/** What a route may say in place of its group. Nothing is filled in: what is absent is the group's. */
export const RouteRetryOptions = Type.Partial(
  Type.Object({
    attempts: { ...attempts, default: undefined },
    on: { ...on, default: undefined },
    backoff: { ...backoff, default: undefined },
    unsafe: { ...unsafe, default: undefined }
  }),
  { description: 'What this route retries in place of what its group says.' }
)

export const RetryOptions = Type.Partial(
  Type.Object({
    attempts,
    on,
    budget: Share({
      default: 0.1,
      description: 'The share of the requests of the last 10 seconds that may be retries, beside the 30 that are always allowed.'
    }),
    backoff,
    unsafe
  }),
  { default: {}, description: 'Which failures are tried again at another target, and how often.' }
)
export type RetryOptions = Static<typeof RetryOptions>

export const FailoverOptions = Type.Partial(
  Type.Object({
    order: Type.Enum(['balance', 'nearest'], {
      default: 'balance',
      description: 'Who takes over when a target is out: whoever the algorithm picks, or those that are most like it.'
    }),
    k: Type.Union([Type.Literal('auto'), Type.Integer({ minimum: 1, maximum: 1000 })], {
      default: 3,
      description: 'With nearest: how many neighbours share the traffic of a target that is out; auto: as few as can take it.'
    }),
    metric: Type.Enum(['euclidean', 'mahalanobis'], {
      default: 'euclidean',
      description: 'With nearest: how the distance between two targets is measured.'
    }),
    group: Type.Optional(Text('name', { description: 'The group that takes over when this one has no target left.' })),
    panic: Share({
      default: 0.5,
      description:
        'When fewer than this share of the targets pass health and ejection, these two are ignored; 0 never. Another tier that is well goes before.'
    }),
    spill: Type.Number({
      minimum: 1,
      maximum: 10,
      default: 1.4,
      description:
        'A tier keeps all its traffic as long as its share of usable targets times this is at least 1; the rest goes to the next tier.'
    }),
    failback: Type.Enum(['gradual', 'delayed', 'manual'], {
      default: 'gradual',
      description:
        'How traffic returns to a tier that was out: with its targets, after it was well for 30 s, or when an operator says so.'
    })
  }),
  { default: {}, description: 'Where requests go when targets are out.' }
)
