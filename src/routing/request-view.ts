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
}

/** A Host field or authority without its port and final dot, in lower case. */
export function hostName(host: string): string {
  const end = host.startsWith('[') ? host.indexOf(']') + 1 : host.indexOf(':')
  const name = end > 0 ? host.slice(0, end) : host
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase()
}
