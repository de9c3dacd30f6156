/** A stored answer. Instants are milliseconds since 1970. */
export interface Entry {
  readonly status: number
  /** Without Age, Content-Length, and what goes with a connection; names in lower case. */
  readonly fields: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
  /** When its age was 0. */
  readonly bornAt: number
  /** Until when it is fresh. */
  readonly staleAt: number
  /** From when on nobody needs it. */
  readonly deleteAt: number
  /** When it was asked for: what changed later is not in it. */
  readonly storedAt: number
  /** Names by which it can be purged. */
  readonly tags: readonly string[]
}

/** What a client gets from the cache. */
export interface StoredAnswer {
  readonly status: number
  readonly fields: Record<string, string | string[]>
  /** Undefined is none, as for HEAD and 304. */
  readonly body: Buffer | undefined
}
