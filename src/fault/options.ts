import Type from 'typebox'
import { Duration, type DurationText, Named, Share, Text } from '../model/option-types.ts'

/** What a route does wrong on purpose, so that those in front of it are tested. Times in milliseconds, shares 0..1. */
export interface FaultSettings {
  /** The shortest and the longest; absent: nothing waits. */
  readonly delay?: readonly [number, number]
  /** The status that is answered, or that the connection is dropped; absent: the request goes on. */
  readonly abort?: number | 'reset'
  readonly share: number
  /** Names of headers in lower case; all of them must hold. */
  readonly when: { readonly headers: Readonly<Record<string, string>>; readonly query: Readonly<Record<string, string>> }
}

const Delays = Type.Unsafe<[DurationText, DurationText]>({ type: 'array', items: Duration({}), minItems: 2, maxItems: 2 })

/** Faults on purpose. */
export const FaultOptions = Type.Union(
  [
    Type.Literal(false),
    Type.Object({
      delay: Type.Optional(
        Type.Union([Duration({ above: 0 }), Delays], {
          description: 'How long a request waits before it is forwarded or aborted: a time, or the shortest and the longest.'
        })
      ),
      abort: Type.Optional(
        Type.Union([Type.Literal('reset'), Type.Integer({ minimum: 400, maximum: 599, noun: 'status' })], {
          description: 'The status that a request is answered with in place of being forwarded; reset: its connection is dropped.'
        })
      ),
      share: Type.Optional(Share({ default: 1, description: 'The share of the requests that get the fault, drawn for each.' })),
      when: Type.Optional(
        Type.Partial(
          Type.Object({
            headers: Named('header-name', Text('header-value'), {
              default: {},
              description: 'Headers that a request must have with exactly these values to get the fault.'
            }),
            query: Named('text', Text('text'), {
              default: {},
              description: 'Parameters of the query that a request must have with exactly these values to get the fault.'
            })
          }),
          { default: {}, description: 'Which requests may get the fault; absent: all.' }
        )
      )
    })
  ],
  { default: false, description: 'Faults that requests get on purpose, so that clients and whoever is on call can practise.' }
)
