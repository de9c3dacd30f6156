/**
 * Runs `task` once all that has come in together with what is being read now has been read and told. A connection that broke says
 * so when it is closed, which comes after the immediates of this turn of the event loop.
 */
export function afterThisTurn(task: () => void): void {
  setImmediate(() => setImmediate(task))
}
