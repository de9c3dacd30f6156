import type { Report } from './report.ts'
import type { FilledTop } from './resolve.ts'
import type { FilledRoute } from './resolve-route.ts'
import type { FilledUpstream } from './resolve-upstream.ts'
import type { PluginConfig } from './types.ts'

/** A configuration whose values are read one by one; what was refused is absent. `input` is what was written. */
export interface Draft {
  readonly input: unknown
  readonly top: FilledTop
  readonly upstreams: ReadonlyMap<string, FilledUpstream>
  readonly routes: readonly (FilledRoute | undefined)[]
  readonly plugins: readonly (PluginConfig | undefined)[]
  readonly fromFile: boolean
}

export function checkGateway(_draft: Draft, _report: Report): void {}
