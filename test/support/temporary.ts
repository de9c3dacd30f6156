import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestScope } from '../../src/testing.ts'

/** A directory that goes with the test. */
export async function temporary(t: TestScope): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'evergate-test-'))
  t.after(() => rm(directory, { recursive: true }))
  return directory
}
