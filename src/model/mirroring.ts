import type { Leave } from './admitting.ts'
import type { Group } from './group.ts'
import type { KeyedRequest } from './request-key.ts'
import type { Target } from './target.ts'

/** What became of a copy; `same` and `different` take the place of `sent` where its answer was compared. */
export type MirrorResult = 'sent' | 'dropped' | 'too-large' | 'failed' | 'same' | 'different'

/** An answer as far as it is compared. */
export interface HeardAnswer {
  readonly status: number
  /** Content-Type and Content-Encoding, where they are there. */
  readonly type: string | undefined
  readonly coding: string | undefined
  /** Undefined where it was longer than what is compared. */
  readonly body: Buffer | undefined
}

/** The two answers to one request. */
export interface Comparison {
  readonly requestId: string
  /** Where the copy went. */
  readonly target: Target
  readonly original: HeardAnswer
  readonly copy: HeardAnswer
}

/** Where one copy may go. `leave` is called once, when nothing more comes of it. */
export interface MirrorPlace {
  readonly target: Target
  readonly leave: Leave
}

/** A group that gets copies of a route's requests. Nothing of it is ever felt by the client. */
export interface Mirroring {
  readonly group: Group
  /** Whether answers are compared. */
  readonly compares: boolean
  /** Whether the request at hand is among those that are copied: drawn anew each time. */
  draws(): boolean
  /** Where a copy goes now; undefined, and counted, where nobody takes it or too many are under way. */
  enter(request: KeyedRequest, now: number): MirrorPlace | undefined
  /** Notes what became of a copy. */
  ended(result: 'sent' | 'too-large' | 'failed'): void
  /** Compares and notes, in place of `ended`. */
  compare(answers: Comparison): void
}

/** The longest body that is compared, in bytes. */
export const comparedBytes = 256 * 1024
