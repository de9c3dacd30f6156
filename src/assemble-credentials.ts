import type { Logger } from 'pino'
import { ApiKeys } from './credentials/api-keys.ts'
import { Basic } from './credentials/basic.ts'
import { Certificates } from './credentials/certificate.ts'
import { ForwardAuth } from './credentials/forward-auth.ts'
import { Introspection } from './credentials/introspection.ts'
import { openFile } from './credentials/open-file.ts'
import type { CredentialSettings } from './credentials/options.ts'
import { Remote } from './credentials/remote.ts'
import type { CredentialEvent } from './credentials/report.ts'
import type { Authenticator } from './model/authenticator.ts'
import type { Clock } from './time/clock.ts'
import type { Scheduler } from './time/scheduler.ts'

export interface CredentialParts {
  readonly clock: Clock
  readonly scheduler: Scheduler
  /** None: nothing is logged. */
  readonly logger: Logger | undefined
  /** Milliseconds since 1970; the process's when absent. */
  readonly wallClock?: () => number
}

export interface CredentialAuthenticators {
  /** One of each kind that is configured. */
  readonly authenticators: readonly Authenticator[]
  /** Ends what was started: looking at files, and connections. Questions under way let nobody in. */
  close(): Promise<void>
}

/** Makes what knows senders by credentials other than JSON Web Tokens. Files are read, and looked at from then on. Never throws. */
export function buildCredentialAuthenticators(
  { apiKeys, basic, introspection, certificate, service }: CredentialSettings,
  { clock, scheduler, logger, wallClock = Date.now }: CredentialParts
): CredentialAuthenticators {
  const report = (event: CredentialEvent) => logEvent(logger, event)
  const authenticators: Authenticator[] = []
  const ends: (() => unknown)[] = []
  if (apiKeys !== undefined) {
    const keys = new ApiKeys(apiKeys, wallClock)
    ends.push(openFile(apiKeys.file, { scheduler, report }, file => keys.use(file)))
    authenticators.push(keys)
  }
  if (basic !== undefined) {
    const users = new Basic(basic, { clock, wallClock })
    ends.push(openFile(basic.file, { scheduler, report }, file => users.use(file)))
    authenticators.push(users)
  }
  if (introspection !== undefined) {
    const remote = new Remote(introspection.url, introspection.timeout, { scheduler, report })
    ends.push(() => remote.close())
    authenticators.push(new Introspection(introspection, { remote, clock, wallClock }))
  }
  if (certificate !== undefined) authenticators.push(new Certificates(certificate))
  if (service !== undefined) {
    const remote = new Remote(service.url, service.timeout, { scheduler, report })
    ends.push(() => remote.close())
    authenticators.push(new ForwardAuth(service, remote))
  }
  return { authenticators, close: async () => void (await Promise.all(ends.map(end => end()))) }
}

const told = {
  'file-read': ['info', 'credentials were read'],
  'file-refused': ['error', 'credentials cannot be read; those read before stay'],
  unreachable: ['error', 'credentials cannot be checked; nobody gets in by them'],
  reachable: ['warn', 'credentials can be checked again']
} as const

function logEvent(logger: Logger | undefined, { kind, ...what }: CredentialEvent): void {
  const [level, message] = told[kind]
  logger?.[level](what, message)
}
