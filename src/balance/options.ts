import Type, { type Static } from 'typebox'
import { Share, Text } from '../model/option-types.ts'

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

/** The names in `soon` are known and refused; a name leaves that list with its algorithm. */
export const Algorithm = Type.Enum(names, { soon: ['least-time', 'peak-ewma', 'prequal', 'hash', 'maglev'] })
export type Algorithm = Static<typeof Algorithm>

export const BalanceOptions = Type.Union(
  [
    Algorithm,
    Type.Object({
      algorithm: Type.Enum(names, { ...Algorithm, description: 'The name of the algorithm.' }),
      by: Type.Optional(
        Text('text', {
          soon: true,
          description: "What a request is placed by: ip, path, 'cookie:NAME', 'header:NAME' or 'claim:NAME'."
        })
      ),
      bounded: Type.Optional(Share({ soon: true, description: 'The most that one target may carry, as a multiple of the mean.' }))
    })
  ],
  { default: 'two-choices', description: 'How one of the usable targets is chosen.' }
)
