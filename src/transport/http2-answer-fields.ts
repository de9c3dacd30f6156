/** Of one field, or of those of the same name. */
export type Value = number | string | readonly string[]

/** What concerns one connection of HTTP/1 has no place in HTTP/2 (RFC 9113 section 8.2.2), nor in trailers. */
export const forbidden: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te'
])

/** Fields as name and value, however they are given to `writeHead`. */
export function pairsOf(list: readonly unknown[]): [string, Value][] {
  // Node takes pairs, and names and values that alternate.
  if (Array.isArray(list[0])) return list as [string, Value][]
  return list.flatMap((each, index) => (index % 2 === 0 ? [[String(each), list[index + 1] as Value] as [string, Value]] : []))
}
