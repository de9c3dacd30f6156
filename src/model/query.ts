/** The first value of a query parameter, decoded; undefined where there is none. `search` comes without the question mark. */
export function firstQueryValue(search: string, name: string): string | undefined {
  if (search === '') return undefined
  // With one in front, a question mark of the query's own is not taken for it.
  return new URLSearchParams(`?${search}`).get(name) ?? undefined
}
