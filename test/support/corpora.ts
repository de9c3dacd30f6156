import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')

/** Test vectors of others are not part of the project: EVERGATE_CORPORA names their directory; ../shared/corpora when absent. */
const directory = process.env['EVERGATE_CORPORA'] ?? path.join(root, '../shared/corpora')

/** For the option of a test: why it is skipped, or false where the file is there. */
export function skippedWithout(file: string): string | false {
  const whole = path.join(directory, file)
  return existsSync(whole) ? false : `${whole} is not there: EVERGATE_CORPORA names the directory of the test vectors`
}

export async function readVectors(file: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(directory, file), 'utf8'))
}
