import { parseArgs } from 'node:util'
import { jsonSchemaText } from '../../config/json-schema.ts'
import type { Io } from './io.ts'

const usage = `Usage: evergate schema

Prints the JSON Schema of the configuration.

  -h, --help    prints this
`

/** `evergate schema`. 0, or 2 for wrong usage. */
export async function schema(args: string[], io: Io): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' } } })
    io.stdout(values.help ? usage : jsonSchemaText())
    return 0
  } catch (error) {
    // parseArgs throws nothing but errors that name the wrong argument.
    io.stderr(`evergate schema: ${(error as Error).message}\n${usage}`)
    return 2
  }
}
