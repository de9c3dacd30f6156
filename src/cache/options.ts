import Type, { type Static } from 'typebox'
import { Duration, Size, Text } from '../model/option-types.ts'

/** Which answers of a route are kept, and where. */
export const CacheOptions = Type.Union(
  [
    Type.Boolean(),
    Type.Object({
      store: Type.Optional(
        Type.Union(
          [
            Type.Literal('memory'),
            Type.Object({
              disk: Text('text', {
                description: 'The SQLite file that answers are kept in, counted from this file; it outlives the process.'
              })
            })
          ],
          {
            default: 'memory',
            description:
              'Where answers are kept. Routes that say the same of store, maxSize, maxEntries and maxEntry share one store.'
          }
        )
      ),
      maxSize: Type.Optional(
        Size({
          default: '100mb',
          description: 'How much the bodies of all answers take at most. On disk every answer counts as one of maxEntry.'
        })
      ),
      maxEntries: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 10_000_000, default: 10_000, description: 'How many answers are kept at most.' })
      ),
      maxEntry: Type.Optional(
        Size({ default: '1mb', description: 'How long the body of an answer may be; a longer one passes and is not kept.' })
      ),
      staleIfError: Type.Optional(
        Duration({
          default: 0,
          description:
            'For how long a stale answer is used where the upstream fails or no target is left, if the answer says nothing of it.'
        })
      ),
      staleWhileRevalidate: Type.Optional(
        Duration({
          default: 0,
          description: 'For how long a stale answer is used while a new one is fetched, if the answer says nothing of it.'
        })
      ),
      tags: Type.Optional(
        Text('header-name', {
          default: 'surrogate-key',
          description: 'The header of answers that names what they can be purged by; clients do not see it.'
        })
      )
    })
  ],
  {
    default: false,
    description: 'Whether answers are kept and used again (RFC 9111): true, or how. It is a shared cache.'
  }
)
export type CacheOptions = Static<typeof CacheOptions>

/** The same, read and complete: bytes, milliseconds, `disk` an absolute path. */
export interface CacheTerms {
  readonly store: 'memory' | { readonly disk: string }
  readonly maxSize: number
  readonly maxEntries: number
  readonly maxEntry: number
  readonly staleIfError: number
  readonly staleWhileRevalidate: number
  /** In lower case. */
  readonly tags: string
}
