import { type Document, isMap, YAMLMap } from 'yaml'
import type { OwnLimit } from '../model/consumer.ts'
import { digestOf, digestText, newApiKey } from './api-key.ts'
import type { CredentialFile } from './credential-file.ts'
import { limitText } from './own-limit.ts'

/** What is given to a new credential. Instants as ISO 8601 has them. */
export interface NewGrant {
  readonly name: string
  readonly created: string
  readonly expires?: string
  readonly scopes: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly limit?: OwnLimit
}

type Section = 'keys' | 'users'

const head = ' Written by `evergate keys`. The hashes of what clients show; what they show stands nowhere.'

/** Adds a key. What is returned is all of it, `ID.SECRET`: it cannot be read from the document again. */
export function addKey(document: Document, { keys }: CredentialFile, grant: NewGrant): string {
  let key = newApiKey()
  while (keys.has(key.id)) key = newApiKey()
  const { name, ...rest } = grant
  put(document, 'keys', key.id, { name, hash: digestText(digestOf(key.secret)), ...written(rest) })
  return `${key.id}.${key.secret}`
}

/** Adds a user, or puts another entry in place of the one of that name. */
export function putUser(document: Document, { name, ...rest }: NewGrant, hash: string): void {
  put(document, 'users', name, { hash, ...written(rest) })
}

/** Marks a key by its ID, or a user by the name, as revoked. It stays in the file, so that whoever uses it is told apart. */
export function revoke(document: Document, section: Section, id: string, at: string): void {
  document.setIn([section, id, 'revoked'], at)
}

function put(document: Document, section: Section, id: string, entry: object): void {
  if (!isMap(document.contents)) {
    if (document.commentBefore === null && document.comment === null) document.commentBefore = head
    document.contents = new YAMLMap()
  }
  // An empty section is no mapping yet.
  if (!isMap(document.get(section))) document.set(section, new YAMLMap())
  document.setIn([section, id], document.createNode(entry))
}

/** What is empty is left out. */
function written({ created, expires, scopes, labels, limit }: Omit<NewGrant, 'name'>): object {
  return {
    created,
    ...(expires !== undefined && { expires }),
    ...(scopes.length > 0 && { scopes }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(limit !== undefined && { limit: limitText(limit) })
  }
}

/** The text to be written. Nothing is folded: a hash stays on its line. */
export const documentText = (document: Document): string => document.toString({ lineWidth: 0 })
