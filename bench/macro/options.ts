import { parseArgs } from 'node:util'

/** How much is measured. `only` and `scenario` are lists of texts of which a name must contain one; empty means all. */
export type Options = {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
  readonly only: readonly string[]
  readonly scenario: readonly string[]
  readonly json: string | undefined
}

export const usage = `npm run bench -- [options]

  --quick            2 rounds of 1 s, to see that everything runs; too short to quote
  --rounds N         turns that each candidate takes in a scenario (default 5)
  --seconds N        length of a turn (default 3)
  --only TEXT        only candidates whose name contains TEXT; several separated by commas.
                     Ratios need 'bare http-proxy' and 'undici' among them
  --scenario TEXT    only scenarios whose name contains TEXT; several separated by commas
  --json FILE        also writes every round of every candidate to FILE
  --help             this text
`

function positive(text: string, name: string, most: number): number {
  const value = Number(text)
  if (!(value > 0 && value <= most))
    throw new Error(`${name} is a number above 0 and at most ${most}, not ${JSON.stringify(text)}`)
  return value
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter(Boolean)
}

/** Reads the command line. Throws an Error with one line for the user when it is wrong; 'help' when help was asked for. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      only: { type: 'string' },
      scenario: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return 'help'
  return {
    rounds: Math.ceil(positive(values.rounds ?? (values.quick ? '2' : '5'), '--rounds', 100)),
    seconds: positive(values.seconds ?? (values.quick ? '1' : '3'), '--seconds', 60),
    warmUpSeconds: values.quick ? 1 : 3,
    only: list(values.only),
    scenario: list(values.scenario),
    json: values.json
  }
}

/** Whether a name contains one of the texts, in any case; every name does when there are none. */
export function selected(name: string, texts: readonly string[]): boolean {
  return texts.length === 0 || texts.some(text => name.toLowerCase().includes(text.toLowerCase()))
}
