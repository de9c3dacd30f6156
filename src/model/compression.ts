/** The content codings that answers may get (RFC 9110 section 8.4.1, RFC 7932, RFC 8878). */
export const encodings = ['zstd', 'br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

/** Which answers of a route are compressed, and how. */
export interface CompressionRules {
  /** Shorter answers are left as they are; bytes. */
  readonly minBytes: number
  /** The best first, for a client that likes several as much. */
  readonly encodings: readonly Encoding[]
  /** Whether answers of this Content-Type are, parameters and all. */
  compresses(type: string): boolean
}
