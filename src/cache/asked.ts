import { combined, type Fields, membersOf } from './fields.ts'

/** A request as a cache sees it. */
export interface Asked {
  readonly method: string
  readonly headers: Fields
  readonly hasBody: boolean
  /** The group that answers. */
  readonly upstream: string
  /** Scheme and host that the client asked for, such as `https://example.com`: links in answers may be made of them. */
  readonly site: string
  readonly path: string
  /** With its question mark, or nothing. */
  readonly search: string
  /** What else decides about the answer: the route, whom the upstream is told that the client is, which targets are left. */
  readonly variant: string
  /** The route asks who sends it. */
  readonly authenticated: boolean
}

/** What a request has in the fields that select an answer, told apart by nothing that is mere layout. */
export function selection({ headers, variant }: Asked, names: readonly string[]): string {
  return JSON.stringify([variant, ...names.map(name => normal(combined(headers, name)))])
}

const normal = (text: string | undefined) => (text === undefined ? null : membersOf(text).join(','))
