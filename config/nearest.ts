/** More names than these are not compared, so that a bad file of any size is answered soon. */
const MOST_COMPARED = 2000
const MOST_LISTED = 12

/** The name that was probably meant: at most a third of its letters differ, two swapped letters counting as one. */
export function nearest(wrong: string, names: readonly string[]): string | undefined {
  let best: string | undefined
  // Of one letter nothing can be guessed but its case.
  let bestDistance = wrong.length === 1 ? 1 : Math.max(1, Math.floor(wrong.length / 3)) + 1
  const lower = wrong.toLowerCase()
  for (const name of names.slice(0, MOST_COMPARED)) {
    if (Math.abs(name.length - wrong.length) >= bestDistance) continue
    const distance = editDistance(lower, name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

/** `; did you mean api? accepted: api, web`, with the list cut where it grows long. */
export function suggestion(wrong: string, names: readonly string[], listed = 'accepted'): string {
  const near = nearest(wrong, names)
  const more = names.length - MOST_LISTED
  const list = names.slice(0, MOST_LISTED).join(', ') + (more > 0 ? ` and ${more} more` : '')
  if (near === undefined) return names.length === 0 ? '' : `; ${listed}: ${list}`
  return `; did you mean ${near}? ${listed}: ${list}`
}

/** How many different wrong names of one kind are compared with all known ones. */
const MOST_SUGGESTED = 50

/** Says what is wrong with a name of a kind (`upstream`) that is none of the known ones, each asked for often; undefined for a known one. */
export function createSuggester(all: readonly string[], kind: string): (name: string) => string | undefined {
  const known = new Set(all)
  const names = [...known]
  const told = new Map<string, string>()
  return name => {
    if (known.has(name)) return undefined
    const answer =
      told.get(name) ??
      `no ${kind} is named ${JSON.stringify(name)}` +
        (names.length === 0 ? '; there are none' : told.size < MOST_SUGGESTED ? suggestion(name, names, 'there are') : '')
    told.set(name, answer)
    return answer
  }
}

/** Optimal string alignment distance (Damerau-Levenshtein without overlapping edits), over texts of at most 64 letters. */
function editDistance(a: string, b: string): number {
  if (a.length > 64 || b.length > 64) return a === b ? 0 : Number.POSITIVE_INFINITY
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + cost)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) least = Math.min(least, at(before, j - 2) + 1)
      row.push(least)
    }
    before = previous
    previous = row
  }
  return at(previous, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
