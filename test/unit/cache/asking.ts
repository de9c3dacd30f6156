import type { Asked } from '../../../src/cache/asked.ts'
import type { Entry } from '../../../src/cache/entry.ts'
import type { Fields } from '../../../src/cache/fields.ts'
import { entryOf } from '../../../src/cache/storing.ts'

/** 1 January 2026. */
export const now = Date.UTC(2026, 0, 1)
export const rules = { staleIfErrorMs: 0, staleWhileRevalidateMs: 0, tags: 'surrogate-key' }

export const asked = (more: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  headers: {},
  hasBody: false,
  upstream: 'shop',
  site: 'http://a.test',
  path: '/',
  search: '',
  variant: '',
  authenticated: false,
  ...more
})

/** What is kept of an answer of 200 with these fields that came at `now`. Throws where nothing is. */
export function kept(fields: Fields, body = 'hello'): Entry {
  const entry = entryOf(200, fields, Buffer.from(body), { askedAt: now, cameAt: now }, rules)
  if (entry === undefined) throw new Error('nothing is kept')
  return entry
}
