/** Gives the event loop turns until something holds. Rejects after a great many, so that a test that fails ends. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 1_000_000; turn++) {
    if (await holds()) return
    await new Promise(resolve => setImmediate(resolve))
  }
  throw new Error(`it never held: ${holds}`)
}
