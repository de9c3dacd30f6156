import type { CorsRules } from '../model/browser.ts'
import { originMatcher } from './origins.ts'

/** As the configuration has them; `maxAge` in milliseconds. */
export interface CorsSettings {
  readonly origins: readonly string[]
  readonly methods?: readonly string[]
  readonly headers?: readonly string[]
  readonly exposed: readonly string[]
  readonly credentials: boolean
  readonly maxAge?: number
}

const usual = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** `taken` are the methods of the route; undefined: every one. */
export function corsRules(settings: CorsSettings, taken: ReadonlySet<string> | undefined): CorsRules {
  const { origins, methods, headers, exposed, credentials, maxAge } = settings
  return {
    allows: originMatcher(origins),
    anyOrigin: origins.includes('*'),
    methods: methods ?? (taken === undefined ? usual : [...taken]),
    ...(headers === undefined ? {} : { headers }),
    exposed,
    credentials,
    ...(maxAge === undefined ? {} : { maxAgeSeconds: Math.floor(maxAge / 1000) })
  }
}
