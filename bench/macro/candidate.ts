/** Where a candidate runs: its port, what stands behind it, a directory for its configuration, and how many routes it has. */
export type Place = {
  readonly port: number
  readonly adminPort: number
  readonly upstreamPorts: readonly number[]
  readonly directory: string
  readonly routes: number
}

/** A program and its arguments. It runs in the foreground and ends on SIGTERM. */
export type Command = { readonly file: string; readonly args: readonly string[] }

/**
 * One gateway under test. It listens on `port` of 127.0.0.1 with one process or worker, keeps connections to the upstream
 * alive, writes no log and passes every path below `/api` on unchanged; with `routes` above 1 also each of `/r0`, `/r1`, ...
 */
export type Candidate = {
  readonly name: string
  /** Why it cannot run on this machine, or undefined when it can. */
  readonly missing: () => string | undefined
  /** Writes what the candidate needs into the directory and answers how to start it. */
  readonly command: (place: Place) => Command
}

/** The prefixes that a place asks for. */
export function prefixes(place: Place): string[] {
  const numbered = Array.from({ length: place.routes }, (_, index) => `/r${index}`)
  return place.routes > 1 ? ['/api', ...numbered] : ['/api']
}
