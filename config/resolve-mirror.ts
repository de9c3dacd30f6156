import type { MirrorConfig } from './types-route.ts'

/** A mirror after its values were read and filled; what was refused is not there. */
export interface FilledMirror {
  readonly upstream?: string
  readonly share?: number
  readonly compare?: boolean | { readonly ignore: readonly (string | undefined)[] }
}

export type FilledMirrors = undefined | false | FilledMirror | readonly (FilledMirror | undefined)[]

/** At the same index as they are written; those that were refused are undefined. */
export function mirrorsOf(mirror: FilledMirrors): readonly (FilledMirror | undefined)[] {
  if (mirror === undefined || mirror === false) return []
  return isList(mirror) ? mirror : [mirror]
}

// Array.isArray does not narrow lists that are read only.
const isList = (mirror: object): mirror is readonly (FilledMirror | undefined)[] => Array.isArray(mirror)

export function resolveMirrors(mirror: FilledMirrors): MirrorConfig[] {
  return mirrorsOf(mirror).flatMap(each => {
    if (each?.upstream === undefined || each.share === undefined) return []
    const { upstream, share, compare } = each
    const ignore = typeof compare === 'object' ? compare.ignore.filter(field => field !== undefined) : []
    return [{ upstream, share, compare: compare === undefined || compare === false ? false : { ignore } }]
  })
}
