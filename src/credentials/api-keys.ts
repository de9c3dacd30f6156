import { randomBytes } from 'node:crypto'
import type { Authenticator, CredentialRequest, Identification } from '../model/authenticator.ts'
import { isSecret, parseApiKey } from './api-key.ts'
import type { CredentialFile, StoredKey } from './credential-file.ts'
import { credentialsOf, fieldOf, quoted } from './fields.ts'
import { absent, found, refused } from './found.ts'
import type { ApiKeysSettings } from './options.ts'

interface HeldKey extends StoredKey {
  readonly identification: Identification
}

/** Knows who sends a request by its key. The ID finds the entry, and the secret is compared with it in constant time. */
export class ApiKeys implements Authenticator {
  readonly kind = 'apiKey'
  readonly keepsBack: Authenticator['keepsBack']
  readonly #settings: Omit<ApiKeysSettings, 'file'>
  readonly #wallClock: () => number
  readonly #compare: typeof isSecret
  readonly #challenge: string
  /** What the secret of an unknown ID is compared with: nothing hashes to it that anybody could find. */
  readonly #decoy = randomBytes(32)
  #keys: ReadonlyMap<string, HeldKey> = new Map()

  /** `wallClock` is in milliseconds since 1970. Without `use` it knows nobody. */
  constructor(settings: Omit<ApiKeysSettings, 'file'>, wallClock: () => number, compare = isSecret) {
    const { header, query, authorization, passOn } = settings
    this.keepsBack = passOn ? undefined : { header, query, scheme: authorization ? 'apikey' : undefined }
    this.#settings = settings
    this.#compare = compare
    this.#wallClock = wallClock
    this.#challenge = `ApiKey realm=${quoted(settings.realm)}`
  }

  /** Takes these keys in place of those before. */
  use({ keys }: Pick<CredentialFile, 'keys'>): void {
    this.#keys = new Map([...keys].map(([id, key]) => [id, { ...key, identification: found(this.kind, key) }]))
  }

  challenge(): string {
    return this.#challenge
  }

  identify(request: CredentialRequest): Identification {
    const [shown, ...more] = this.#shown(request)
    if (shown === undefined) return absent
    // Two keys could mean two things to two readers.
    const key = more.length > 0 ? undefined : parseApiKey(shown)
    if (key === undefined) return refused.malformed
    const held = this.#keys.get(key.id)
    // An unknown ID costs what a known one does.
    const isRight = this.#compare(key.secret, held?.digest ?? this.#decoy)
    if (held === undefined || !isRight) return refused.invalid
    // Only whoever has the secret learns what became of the key.
    if (held.revoked) return refused.revoked
    return held.expiresAt <= this.#wallClock() ? refused.expired : held.identification
  }

  #shown({ headers, search }: CredentialRequest): string[] {
    const { header, query, authorization } = this.#settings
    const shown: string[] = []
    const inHeader = fieldOf(headers, header)
    if (inHeader !== undefined) shown.push(inHeader)
    const inAuthorization = authorization ? credentialsOf(headers.authorization, 'apikey') : undefined
    if (inAuthorization !== undefined) shown.push(inAuthorization)
    if (query !== undefined && search !== '') shown.push(...new URLSearchParams(search).getAll(query))
    return shown
  }
}
