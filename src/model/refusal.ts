import type { ServerResponse } from 'node:http'
import type { ErrorCode } from './errors.ts'

/** A request that a server refused before any app was asked about it, as far as it could be read. */
export interface Refusal {
  readonly code: ErrorCode
  readonly requestId: string
  /** Who is at the other end of the connection. */
  readonly client: string
  readonly method?: string | undefined
  readonly host?: string | undefined
  /** Path and query as they came. */
  readonly target?: string | undefined
  /** Answers the request that turned to nonsense half way, which an app had begun with: it tells of its end itself. */
  readonly underWay?: ServerResponse | undefined
}
