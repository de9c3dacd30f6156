/** What routing looks at. */
export interface RequestView {
  readonly method: string
  /** Lower case, without port. */
  readonly host: string
  /** Canonical. */
  readonly path: string
  /** With its question mark, or nothing. */
  readonly search: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Of a preflight: names of headers that the request will have that it asks for, with values that nobody knows yet. */
  readonly announced?: ReadonlySet<string>
}

/** A Host field or authority without its port and final dot, in lower case. */
export function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  const name = end > 0 ? host.slice(0, end) : host
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
}
