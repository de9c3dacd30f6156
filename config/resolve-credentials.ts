import { resolve } from 'node:path'
import type { CredentialSettings } from '../src/credentials/options.ts'

/** What `security` says of credentials besides tokens, after its values were read and filled; what was refused is absent. */
export interface FilledCredentials {
  readonly apiKeys?: Partial<NonNullable<CredentialSettings['apiKeys']>>
  readonly basic?: Partial<NonNullable<CredentialSettings['basic']>>
  readonly introspection?: CredentialSettings['introspection']
  readonly certificate?: CredentialSettings['certificate']
  readonly service?: CredentialSettings['service']
}

/** Files by absolute paths. Those of a part that was refused are left out. */
export function resolveCredentials(written: FilledCredentials, directory: string): CredentialSettings {
  const { apiKeys, basic, introspection, certificate, service } = written
  return {
    ...(apiKeys?.file !== undefined && { apiKeys: inDirectory(apiKeys, apiKeys.file, directory) }),
    ...(basic?.file !== undefined && { basic: inDirectory(basic, basic.file, directory) }),
    ...(introspection && { introspection }),
    ...(certificate && { certificate }),
    ...(service && { service })
  }
}

/** What has a default is there: only a file has none. */
function inDirectory<Settings extends object>(filled: Partial<Settings>, file: string, directory: string): Settings {
  return { ...filled, file: resolve(directory, file) } as unknown as Settings
}
