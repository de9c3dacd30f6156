/**
 * Resolves when a count no longer moves: when it stayed the same during ten turns, each of which sends a request through the
 * same event loop and so lets everything move that can.
 */
export async function stall(count: () => number, turn: () => Promise<unknown>): Promise<number> {
  let last = count()
  for (let same = 0; same < 10; ) {
    await turn()
    same = count() === last ? same + 1 : 0
    last = count()
  }
  return last
}
