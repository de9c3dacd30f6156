import type { Pem } from '../../src/model/pem.ts'
import { entriesOf } from '../node.ts'
import type { FileText } from './files.ts'

type SecretRead = { readonly value: string } | { readonly wrong: string }

/** The final line end of a file is no part of a secret. What was read is never shown. */
export function readSecret(value: unknown, file: (path: string) => FileText): SecretRead | undefined {
  if (typeof value === 'string')
    return value === '' ? { wrong: 'an empty text is no secret; accepted: a text, or { file: path }' } : { value }
  const [entry, ...more] = entriesOf(value)
  if (entry?.[0] !== 'file' || more.length > 0 || typeof entry[1] !== 'string') return undefined
  const content = file(entry[1])
  if ('wrong' in content) return content
  const secret = content.text.replace(/\r?\n$/, '')
  return secret === '' ? { wrong: `${entry[1]} is empty; accepted: a file that holds the secret` } : { value: secret }
}

type PemRead = { readonly value: Pem } | { readonly wrong: string }

/** PEM text, given as such, by the path of its file, or as a secret. What was read is never shown. */
export function readPem(value: unknown, file: (path: string) => FileText): PemRead | undefined {
  // A key that lost its first line would else be shown as the name of a file that is not there.
  if (typeof value === 'string' && !value.includes('-----BEGIN ') && isPartOfPem(value)) return undefined
  const given = typeof value === 'string' && !value.includes('-----BEGIN ') ? { file: value } : value
  let path: string | undefined
  const read = readSecret(given, name => {
    const content = file(name)
    if ('text' in content) path = content.path
    return content
  })
  if (read === undefined || 'wrong' in read) return read
  if (!read.value.includes('-----BEGIN '))
    return { wrong: 'the file holds no PEM text; accepted: -----BEGIN ... and what follows' }
  return { value: { pem: read.value, ...(path === undefined ? {} : { file: path }) } }
}

const isPartOfPem = (text: string) => text.length > 512 || /\n|-----|^[A-Za-z\d+/=]{100,}$/.test(text)
