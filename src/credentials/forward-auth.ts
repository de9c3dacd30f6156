import type { Authenticator, CredentialRequest, Identification } from '../model/authenticator.ts'
import { fieldOf } from './fields.ts'
import { found, refused } from './found.ts'
import type { ServiceSettings } from './options.ts'
import type { Remote, RemoteAnswer } from './remote.ts'

/** Asks a service about each request, as `auth_request` of nginx and `forwardAuth` of Traefik do. Nothing is remembered. */
export class ForwardAuth implements Authenticator {
  readonly kind = 'service'
  readonly #settings: ServiceSettings
  readonly #remote: Pick<Remote, 'ask' | 'failed' | 'succeeded'>

  constructor(settings: ServiceSettings, remote: Pick<Remote, 'ask' | 'failed' | 'succeeded'>) {
    this.#settings = settings
    this.#remote = remote
  }

  /** Only the service knows which credentials it takes. */
  challenge(): undefined {
    return undefined
  }

  async identify(request: CredentialRequest): Promise<Identification> {
    const answer = await this.#remote.ask({ method: 'GET', headers: this.#headersFor(request) })
    if (answer === undefined) return refused.unavailable
    const identification = this.#judge(answer)
    if (identification === undefined) {
      this.#remote.failed(`answers ${answer.status}`)
      return refused.unavailable
    }
    this.#remote.succeeded()
    return identification
  }

  /** What the gateway says of the request stands after what the client has sent, and so in place of it. */
  #headersFor({ method, path, search, host, ip, headers }: CredentialRequest): Record<string, string> {
    const sent: Record<string, string> = {}
    for (const name of this.#settings.forwardHeaders) {
      const value = fieldOf(headers, name)
      if (value !== undefined) sent[name] = value
    }
    return {
      ...sent,
      'x-forwarded-method': method,
      'x-forwarded-uri': path + search,
      'x-forwarded-host': host,
      'x-forwarded-for': ip
    }
  }

  /** Undefined where the answer says neither yes nor no. */
  #judge({ status, headers }: RemoteAnswer): Identification | undefined {
    if (status === 401 || status === 403) return refused.invalid
    if (status < 200 || status > 299) return undefined
    const { nameHeader, scopesHeader, responseHeaders } = this.#settings
    const scopes = scopesHeader === undefined ? [] : (fieldOf(headers, scopesHeader) ?? '').split(/[\s,]+/)
    const claims = responseHeaders.flatMap(name => {
      const value = fieldOf(headers, name)
      return value === undefined ? [] : [[name, value] as const]
    })
    return found(this.kind, {
      name: fieldOf(headers, nameHeader) || 'anonymous',
      scopes: scopes.filter(scope => scope !== ''),
      claims: Object.fromEntries(claims)
    })
  }
}
