// What the harness asks of an upstream process, and what that tells. Both travel as JSON between the processes.

/** How long a healthy upstream works on a request. */
export const serviceMs = 10

/**
 * How an upstream takes requests; delays are milliseconds, shares 0..1. `/health` stays good and quick, unless the upstream is
 * silent or the status says `health` too: it is ill at work, not dead.
 */
export type Behaviour =
  | { readonly kind: 'good' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'tail'; readonly share: number; readonly delayMs: number }
  /** Answers with it at once. */
  | { readonly kind: 'status'; readonly status: number; readonly health: boolean }
  /** Resets the connection in place of an answer. */
  | { readonly kind: 'reset'; readonly share: number }
  /** Closes the connection in the middle of the body. */
  | { readonly kind: 'cut'; readonly share: number }
  | { readonly kind: 'silent' }
  /** Says that the body is chunked, and then sends no chunk. */
  | { readonly kind: 'garbage' }
  /** Works on so many requests at once; the others wait, however many they are. */
  | { readonly kind: 'busy'; readonly slots: number }

export type Command =
  /** Port 0: any that is free. */
  | { readonly kind: 'open'; readonly port: number }
  /** Where the draws begin. Two upstreams that draw alike would be slow or broken for the same request. */
  | { readonly kind: 'seed'; readonly seed: number }
  /** Listens no longer. Abruptly: every connection is reset; else what is under way is finished. */
  | { readonly kind: 'close'; readonly abruptly: boolean }
  | { readonly kind: 'behave'; readonly behaviour: Behaviour }
  /** Tells what has not been told. */
  | { readonly kind: 'tell' }

export type Question = { readonly call: number; readonly command: Command }

export type Message =
  /** Ids of requests: those that came, and those whose effect a POST has had. Each is told once. */
  | { readonly kind: 'seen'; readonly arrivals: readonly string[]; readonly effects: readonly string[] }
  /** A question is dealt with; everything before was told. The port is that of the server, 0 when it does not listen. */
  | { readonly kind: 'done'; readonly call: number; readonly port: number }
