import { parseArgs } from 'node:util'

/** What is run. `only` and `candidates` are lists of texts of which a name must contain one; empty means all. */
export interface Options {
  readonly runs: number
  readonly seconds: number
  readonly only: readonly string[]
  readonly candidates: readonly string[]
  readonly json: string | undefined
  readonly markdown: string | undefined
}

export const usage = `npm run fault -- [options]

  --runs N           runs of each row; the worst counts (default 1)
  --seconds N        length of a run, 1 to 60 (default 10); the shorter, the less the percentiles say
  --only TEXT        only faults whose name contains TEXT; several separated by commas
  --candidates TEXT  only candidates whose name contains TEXT; several separated by commas
                     (default evergate,nginx,haproxy; http-proxy is another)
  --json FILE        also writes every run to FILE
  --markdown FILE    also writes the table to FILE, as it stands in docs/faults.md
  --help             this text

Exit code: 0 when Evergate keeps every condition, 1 when not, 2 for a wrong command line.
`

const defaultCandidates = 'evergate,nginx,haproxy'

function positive(text: string, name: string, least: number, most: number): number {
  const value = Number(text)
  if (value >= least && value <= most) return value
  throw new Error(`${name} is a number from ${least} to ${most}, not ${JSON.stringify(text)}`)
}

function list(text: string): string[] {
  return text.split(',').filter(Boolean)
}

/** Reads the command line. Throws an Error with one line for the user when it is wrong; 'help' when help was asked for. */
export function parseOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '10' },
      only: { type: 'string', default: '' },
      candidates: { type: 'string', default: defaultCandidates },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return 'help'
  return {
    runs: Math.ceil(positive(values.runs, '--runs', 1, 100)),
    seconds: positive(values.seconds, '--seconds', 1, 60),
    only: list(values.only),
    candidates: list(values.candidates),
    json: values.json,
    markdown: values.markdown
  }
}

/** Whether a name contains one of the texts, in any case; every name does when there are none. */
export function selected(name: string, texts: readonly string[]): boolean {
  return texts.length === 0 || texts.some(text => name.toLowerCase().includes(text.toLowerCase()))
}
