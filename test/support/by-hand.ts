import type { TestScope } from '../../src/testing.ts'

/** Runs something that is no test, as one: what it started is ended, the last first, whether it succeeds or not. */
export async function byHand(run: (scope: TestScope) => Promise<void>): Promise<void> {
  const closing: (() => Promise<void>)[] = []
  try {
    await run({ after: close => void closing.push(close) })
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}
