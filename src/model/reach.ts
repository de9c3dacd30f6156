import type { Group } from './group.ts'
import type { Target } from './target.ts'

/** A group that can take an attempt: its candidates, and those of them that are admitted, which are not none. */
export interface Reach {
  readonly group: Group
  readonly candidates: readonly Target[]
  readonly open: readonly Target[]
  /** When that was found. */
  readonly at: number
}
