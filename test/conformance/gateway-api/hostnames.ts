/** Whether every name that the second stands for is one that the first does; undefined stands for all. */
export function covers(wide: string | undefined, narrow: string | undefined): boolean {
  if (wide === undefined) return true
  if (narrow === undefined) return false
  if (!wide.startsWith('*.')) return wide === narrow
  const name = narrow.startsWith('*.') ? narrow.slice(1) : narrow
  return name.endsWith(wide.slice(1)) && (name.length > wide.length - 1 || narrow === wide)
}

/** The names that a route answers at a listener: the narrower of both where one covers the other. No list is every name. */
export function shared(listener: string | undefined, route: readonly string[] = []): readonly (string | undefined)[] {
  if (route.length === 0) return [listener]
  const names = route.flatMap(name => (covers(listener, name) ? [name] : covers(name, listener) ? [listener] : []))
  return [...new Set(names)]
}
