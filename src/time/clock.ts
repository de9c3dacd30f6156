/** Monotonic milliseconds; every instant in the code (`now`, `...At`) is one of these. */
export type Clock = () => number

/** The process's clock: milliseconds since it started, never going back. */
export const monotonicClock: Clock = () => performance.now()
