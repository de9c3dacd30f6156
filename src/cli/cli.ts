import type { Io } from './io.ts'

type Command = (args: string[], io: Io) => Promise<number | undefined>

/** Each command is loaded when it is asked for: `check` need not wait for a benchmark's modules. */
const commands: Record<string, { readonly does: string; load(): Promise<Command> }> = {
  start: { does: 'runs the gateway', load: async () => (await import('./start.ts')).start },
  check: {
    does: 'validates a configuration and prints every problem with its place',
    load: async () => (await import('./check.ts')).check
  },
  explain: { does: 'says which route a request takes, and why', load: async () => (await import('./explain.ts')).explain },
  keys: { does: 'adds, lists and revokes API keys and passwords', load: async () => (await import('./keys.ts')).keys },
  schema: { does: 'prints the JSON Schema of the configuration', load: async () => (await import('./schema.ts')).schema },
  bench: { does: 'sends open-loop load to a URL', load: async () => (await import('./bench.ts')).bench },
  demo: { does: 'runs the gateway with three small services behind it', load: async () => (await import('./demo.ts')).demo }
}

const usage = `Usage: evergate <command> [options]

${Object.entries(commands)
  .map(([name, { does }]) => `  ${name.padEnd(9)}${does}`)
  .join('\n')}

evergate <command> --help says more.
`

/** Runs one command, and sets the process's exit code: 0 good, 1 the answer is no, 2 wrong usage. */
export async function cli(args: string[]): Promise<void> {
  const io: Io = {
    stdout: text => void process.stdout.write(text),
    stderr: text => void process.stderr.write(text),
    // Looked at only by a command that reads: to open it is enough to wait for it.
    get stdin() {
      return process.stdin
    },
    env: process.env,
    cwd: process.cwd()
  }
  const [name = '', ...rest] = args
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command !== undefined) {
    const code = await (await command.load())(rest, io)
    // A command that goes on running says no code, and its signals end it.
    if (code !== undefined) process.exitCode = code
  } else if (name === '--help' || name === '-h' || name === 'help') {
    io.stdout(usage)
  } else if (name === '--version' || name === '-v') {
    const { version } = await import('./version.ts')
    io.stdout(`${version}\n`)
  } else {
    io.stderr(name === '' ? usage : `evergate: there is no command "${name}"\n\n${usage}`)
    process.exitCode = 2
  }
}
