import { valueAt } from './node.ts'
import type { Path } from './problem.ts'
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
  /** Whether paths in it can be looked up. */
  readonly fromFile: boolean
}

/** Where a key is written: in the thing itself, or in the defaults that it has it from. */
export function whereWritten(input: unknown, own: Path, ownValue: unknown, key: string): Path {
  const inherited = valueAt(ownValue, key) === undefined && valueAt(valueAt(input, 'defaults'), key) !== undefined
  return inherited ? ['defaults', key] : [...own, key]
}

/** A pause between attempts grows, it does not shrink. */
export function checkBackoff(backoff: readonly number[] | undefined, path: Path, report: Report): void {
  const [base, cap] = backoff ?? []
  if (base !== undefined && cap !== undefined && base > cap) {
    report.add([...path, 'backoff'], 'the first pause is longer than the longest; accepted: [the shortest, the longest]')
  }
}
