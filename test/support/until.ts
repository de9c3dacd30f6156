/** So long, in milliseconds, a test waits before it fails: far longer than anything takes that comes at all. */
const longestMs = 20_000

/** Gives the event loop turns until something holds. Rejects after a long while, so that a test that fails ends. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endAt = performance.now() + longestMs
  while (!(await holds())) {
    if (performance.now() > endAt) throw new Error(`it never held: ${holds}`)
    await new Promise(resolve => setImmediate(resolve))
  }
}
