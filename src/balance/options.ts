import Type, { type Static } from 'typebox'
import { Text } from '../model/option-types.ts'

const names = [
  'two-choices',
  'round-robin',
  'random',
  'first',
  'least-connections',
  'least-time',
  'peak-ewma',
  'prequal',
  'hash',
  'maglev'
] as const

export const Algorithm = Type.Enum(names)
export type Algorithm = Static<typeof Algorithm>

export const BalanceOptions = Type.Union(
  [
    Algorithm,
    Type.Object({
      algorithm: Type.Enum(names, { ...Algorithm, description: 'The name of the algorithm.' }),
      by: Type.Optional(
        Text('text', {
          description:
            "What hash and maglev place a request by: ip (when absent), path, 'cookie:NAME', 'header:NAME' or 'query:NAME'."
        })
      ),
      bounded: Type.Optional(
        Type.Number({
          minimum: 1,
          maximum: 100,
          description: 'The most that hash puts on one target, as a multiple of the mean; absent: no cap.'
        })
      )
    })
  ],
  { default: 'two-choices', description: 'How one of the usable targets is chosen.' }
)
