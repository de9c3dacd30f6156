import type { CheckFailure, CheckResult } from '../check.ts'
import type { Awaited } from './trial.ts'

type Failed = Extract<CheckResult, { readonly ok: false }>

/** Errors of a connection that was never made, in words that name no address. */
const unreachable: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['EHOSTUNREACH', 'host unreachable'],
  ['ENETUNREACH', 'network unreachable'],
  ['EADDRNOTAVAIL', 'no local address left'],
  ['ENOTFOUND', 'name not found'],
  ['EAI_AGAIN', 'name server does not answer'],
  ['ENOENT', 'no such socket'],
  ['ENOTDIR', 'no such socket'],
  ['EPROTOTYPE', 'no socket for connections'],
  ['EAGAIN', 'too many wait at the socket'],
  ['EACCES', 'connection not permitted'],
  ['EPERM', 'connection not permitted']
])

const broken: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'UND_ERR_SOCKET', 'UND_ERR_ABORTED'])

export const failed = (failure: CheckFailure, text: string): Failed => ({ ok: false, failure, text })

/** A run whose time was up. */
export function tooLate(awaited: Awaited, timeoutMs: number): Failed {
  return failed(awaited === 'connection' ? 'connect-timeout' : 'timeout', `no ${awaited} within ${timeoutMs} ms`)
}

/** What an error of Node, OpenSSL or undici means. `connected`: the connection had been made, its handshake included. */
export function failedOf(error: unknown, connected: boolean): Failed {
  const code = codeOf(error)
  if (code === 'ETIMEDOUT') return connected ? failed('timeout', 'no answer') : failed('connect-timeout', 'no connection')
  if (connected) {
    // undici gives these no code, or one of its parser's.
    if (error instanceof Error && error.name === 'HTTPParserError') return failed('protocol', 'the answer is not HTTP')
    if (broken.has(code) || code === '') return failed('reset', 'connection broken before the answer was complete')
    return failed('protocol', `the answer breaks the protocol (${code})`)
  }
  const words = unreachable.get(code)
  if (words !== undefined) return failed('refused', words)
  if (broken.has(code) || code === '') return failed('refused', 'connection broken while it was being made')
  return failed('tls', `TLS: ${messageOf(error)}`)
}

/** Several addresses that were all tried come as one error with a list of the others. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return ''
  if ('code' in error && typeof error.code === 'string') return error.code
  return error instanceof AggregateError ? codeOf(error.errors[0]) : ''
}

/** OpenSSL's messages name the place in its source, and Node adds advice that is not for a gateway. */
function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return (message.split(/[\n;]/)[0] ?? '').replace(/^.*:SSL routines:[^:]*:|:\.\.\/.*$/g, '').slice(0, 120)
}
