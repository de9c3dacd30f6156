import type { CompressionRules, Encoding } from '../model/compression.ts'
import { typeMatcher } from './media-types.ts'

export interface CompressionTerms {
  /** Bytes. */
  readonly min: number
  readonly types: readonly string[]
  readonly encodings: readonly Encoding[]
}

/** Makes the rules of a route ready. */
export function compressionRules({ min, types, encodings }: CompressionTerms): CompressionRules {
  return { minBytes: min, encodings, compresses: typeMatcher(types) }
}
