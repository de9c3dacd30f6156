/** Fields that concern one connection only (RFC 9110 section 7.6.1), in lower case. */
export const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'transfer-encoding',
  'upgrade',
  'http2-settings'
])

/** The fields that a Connection field names besides; undefined for nearly every message. */
export function namedByConnection(connection: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined
  const names = String(connection)
    .split(',')
    .map(name => name.trim().toLowerCase())
  return new Set(names)
}
