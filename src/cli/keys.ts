import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isCredentialName } from '../credentials/credential-file.ts'
import type { Io } from './io.ts'
import { addCredential } from './keys-add.ts'
import { labelsOf, lifeOf, limitOf, type Problem, scopesOf } from './keys-arguments.ts'
import { listCredentials } from './keys-list.ts'
import { revokeCredentials } from './keys-revoke.ts'

const usage = `Usage: evergate keys add NAME --file FILE [--scope S]... [--label K=V]... [--expires 90d]
                                     [--limit 500/1m]
       evergate keys add NAME --basic --file FILE [...] <PASSWORD
       evergate keys list --file FILE [--json]
       evergate keys revoke NAME|ID --file FILE [--basic]

Keeps the file that security.apiKeys and security.basic name. A running gateway reads it again.

add prints the new key, ID.SECRET, alone on standard output. It cannot be read again: the file has its hash. A name may have
several keys, so that clients can change from one to the next. With --basic it is a user, whose password is read from
standard input.
revoke takes a key by its ID, or all keys of a name; with --basic a user.

      --file FILE    the file; add makes it where there is none
      --scope S      what the key may be used for, as routes ask for it; may be repeated
      --label K=V    what else is said of it; may be repeated
      --expires T    when it ends: in 12h or 90d, or at a time such as 2030-01-31 or 2030-01-31T12:00:00Z
      --limit N/T    how many requests in what time pass at routes that limit by consumer, in place of what they say: 500/1m
      --basic        a user with a password in place of a key
      --json         prints the list as JSON
  -h, --help         prints this

Exit code: 0 done, 1 the file cannot be used or there is no such key, 2 wrong usage.
`

const options = {
  file: { type: 'string' },
  scope: { type: 'string', multiple: true },
  label: { type: 'string', multiple: true },
  expires: { type: 'string' },
  limit: { type: 'string' },
  basic: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' }
} as const

/** Which options each action takes beside `--file`. */
const taken: Readonly<Record<string, readonly string[]>> = {
  add: ['scope', 'label', 'expires', 'limit', 'basic'],
  list: ['json'],
  revoke: ['basic']
}

/** `evergate keys`. 0 when it is done, 1 when the file cannot be used or has no such key, 2 for wrong usage. */
export async function keys(args: string[], io: Io): Promise<number> {
  const wanted = wantedOf(args)
  if (wanted === 'help') {
    io.stdout(usage)
    return 0
  }
  if ('wrong' in wanted) {
    io.stderr(`evergate keys: ${wanted.wrong}\n${usage}`)
    return 2
  }
  return wanted(io)
}

function wantedOf(args: string[]): ((io: Io) => Promise<number>) | 'help' | Problem {
  const parsed = parse(args)
  if (parsed.wrong !== undefined) return parsed
  const { values, positionals } = parsed
  const { basic = false } = values
  if (values.help) return 'help'
  const [action = '', name, ...more] = positionals
  const accepts = Object.hasOwn(taken, action) ? taken[action] : undefined
  if (accepts === undefined)
    return { wrong: action === '' ? 'add, list or revoke?' : `"${action}" is unknown; accepted: add, list, revoke` }
  const [foreign] = parsed.given.filter(option => option !== 'file' && !accepts.includes(option))
  if (foreign !== undefined) return { wrong: `${action} takes no --${foreign}` }
  if (more.length > 0 || (action === 'list' && name !== undefined)) return { wrong: `"${more[0] ?? name}" is left over` }
  if (values.file === undefined || values.file === '') return { wrong: 'name the file with --file FILE' }
  const file = (io: Io) => ({ path: resolve(io.cwd, values.file ?? ''), shown: values.file ?? '' })
  if (action === 'list') return io => listCredentials(file(io), values.json === true, io)
  if (name === undefined) return { wrong: `${action} takes a name` }
  if (action === 'revoke') return io => revokeCredentials(file(io), name, basic, io)
  if (!isCredentialName(name) || (basic && name.includes(':')))
    return { wrong: `a name has at most 128 characters, none of them a control character${basic ? ' or a colon' : ''}` }
  const scopes = scopesOf(values.scope ?? [])
  const labels = labelsOf(values.label ?? [])
  const expires = lifeOf(values.expires, Date.now())
  const limit = limitOf(values.limit)
  if ('wrong' in scopes) return scopes
  if ('wrong' in labels) return labels
  if ('wrong' in expires) return expires
  if ('wrong' in limit) return limit
  const grant = { name, ...scopes, ...labels, ...expires, ...limit, created: new Date().toISOString() }
  return io => addCredential(file(io), grant, basic, io)
}

function parse(args: string[]) {
  try {
    const { values, positionals, tokens } = parseArgs({ args, allowPositionals: true, options, tokens: true })
    return { values, positionals, given: tokens.flatMap(token => (token.kind === 'option' ? [token.name] : [])) }
  } catch (error) {
    // parseArgs throws nothing but errors that name the wrong argument.
    return { wrong: (error as Error).message }
  }
}
