import type { Consumer } from '../../model/consumer.ts'

/**
 * What is known of a consumer under a name: a claim of exactly that name, else one inside claims that are mappings, where dots
 * lead (`realm.roles`). Of a consumer without claims `sub` is its name, `scope` its scopes, everything else a label.
 */
export function claimOf({ kind, name: own, scopes, labels, claims }: Consumer, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name]
  const inner = name.includes('.') ? within(claims, name.split('.')) : undefined
  if (inner !== undefined || kind === 'jwt') return inner
  if (name === 'sub') return own
  if (name === 'scope') return [...scopes].join(' ')
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}

function within(value: unknown, path: readonly string[]): unknown {
  let at: unknown = value
  for (const part of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    // It has just been seen to have it.
    at = (at as Readonly<Record<string, unknown>>)[part]
  }
  return at
}
