import type { CredentialSettings } from '../src/credentials/options.ts'
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
  readonly credentials: CredentialSettings
  /** Whether paths in it can be looked up. */
  readonly fromFile: boolean
}

/** Where a value is written, named by its keys: in the thing itself, or in the defaults that it has it from. */
export function whereWritten(input: unknown, own: Path, ownValue: unknown, ...keys: readonly string[]): Path {
  const at = (value: unknown): unknown => keys.reduce(valueAt, value)
  const inherited = at(ownValue) === undefined && at(valueAt(input, 'defaults')) !== undefined
  return inherited ? ['defaults', ...keys] : [...own, ...keys]
}

/** A pause between attempts grows, it does not shrink. */
export function checkBackoff(backoff: readonly number[] | undefined, path: Path, report: Report): void {
  const [base, cap] = backoff ?? []
  if (base !== undefined && cap !== undefined && base > cap) {
    report.add(path, 'the first pause is longer than the longest; accepted: [the shortest, the longest]')
  }
}
