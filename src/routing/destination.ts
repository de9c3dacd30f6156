import type { Group } from '../model/group.ts'
import { type KeyedRequest, placeOfKey } from '../model/request-key.ts'
import type { TargetDestination } from '../model/route.ts'
import type { Random } from '../time/random.ts'

/**
 * The group for one request. A split is drawn for each request by its shares; with a key, requests of the same key go to the
 * same group as long as the shares stay, and those that have none are drawn.
 */
export function groupFor(destination: TargetDestination, request: KeyedRequest, random: Random): Group {
  if (destination.kind === 'group') return destination.group
  const key = destination.by?.(request)
  let place = (key === undefined ? random() : placeOfKey(key)) * destination.shares.reduce((sum, each) => sum + each.share, 0)
  for (const { group, share } of destination.shares) {
    place -= share
    if (place < 0) return group
  }
  // Rounding may leave a sliver past the last share.
  const last = destination.shares.findLast(each => each.share > 0)
  if (last === undefined) throw new RangeError('a split without a share above 0')
  return last.group
}
