import { isScope, readInstant } from '../credentials/credential-file.ts'
import { acceptedLimit, readLimit } from '../credentials/own-limit.ts'
import type { OwnLimit } from '../model/consumer.ts'

export interface Problem {
  readonly wrong: string
}

export function scopesOf(scopes: readonly string[]): { readonly scopes: readonly string[] } | Problem {
  const wrong = scopes.find(scope => !isScope(scope))
  if (wrong !== undefined) return { wrong: `--scope is a text without spaces and quotes, not ${JSON.stringify(wrong)}` }
  return { scopes: [...new Set(scopes)] }
}

export function labelsOf(labels: readonly string[]): { readonly labels: Readonly<Record<string, string>> } | Problem {
  const pairs: [string, string][] = []
  for (const label of labels) {
    const [, key, value] = /^([^=\x00-\x1f\x7f]{1,128})=([^\x00-\x1f\x7f]{0,1024})$/.exec(label) ?? []
    if (key === undefined || value === undefined) return { wrong: `--label is NAME=VALUE, not ${JSON.stringify(label)}` }
    pairs.push([key, value])
  }
  return { labels: Object.fromEntries(pairs) }
}

/** How often the key may be used. */
export function limitOf(text: string | undefined): { readonly limit?: OwnLimit } | Problem {
  const limit = text === undefined ? undefined : readLimit(text)
  if (text !== undefined && limit === undefined) return { wrong: `--limit is ${acceptedLimit}; not ${JSON.stringify(text)}` }
  return limit === undefined ? {} : { limit }
}

const unitsMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** When a key ends: so long from now, or at an instant that is still to come. */
export function lifeOf(text: string | undefined, now: number): { readonly expires?: string } | Problem {
  if (text === undefined) return {}
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const at = count === undefined ? readInstant(text) : now + Number(count) * (unitsMs[unit] ?? 0)
  if (at === undefined) return { wrong: `--expires is a time such as 12h, 90d or 2030-01-31, not "${text}"` }
  if (at <= now) return { wrong: `--expires is a time to come, and ${text} is not` }
  return { expires: new Date(at).toISOString() }
}
