import type { Logger } from 'pino'
import type { GatewayConfig } from '../config/types.ts'
import { AcmeAuthority } from './acme/acme-authority.ts'
import type { Authority } from './acme/authority.ts'
import { Challenges } from './acme/challenges.ts'
import { type AcmeListener, CertificateKeeper } from './acme/keeper.ts'
import type { AcmeTerms } from './acme/options.ts'
import { AcmeStorage } from './acme/storage.ts'
import type { ObtainedCertificate } from './model/obtained-certificate.ts'
import type { Meters } from './observe/meters.ts'
import type { Random } from './time/random.ts'
import type { Scheduler } from './time/scheduler.ts'

/** The certificates that a gateway obtains by itself. */
export interface Acme {
  readonly challenges: Challenges
  /** Throws a RangeError for terms that the configuration does not have. */
  certificate(terms: AcmeTerms): ObtainedCertificate
  start(): void
  close(): Promise<void>
}

export interface AcmeParts {
  readonly logger: Logger | undefined
  readonly meters: Meters
  readonly random: Random
  readonly scheduler: Scheduler
  /** Milliseconds since 1970. */
  readonly wallClock: () => number
}

/** Resolves when what is in the storages is in use; undefined where no listener asks for it. */
export async function buildAcme(
  { listen }: GatewayConfig,
  { logger, meters, random, scheduler, wallClock }: AcmeParts
): Promise<Acme | undefined> {
  const all = new Map(listen.flatMap(({ tls }) => (tls?.acme === undefined ? [] : [[keyOf(tls.acme), tls.acme] as const])))
  if (all.size === 0) return undefined
  meters.obtains()
  const storages = new Map<string, AcmeStorage>()
  const authorities: Authority[] = []
  for (const { storage } of all.values()) storages.set(storage, new AcmeStorage(storage, wallClock))
  const challenges = new Challenges([...storages.values()])
  const keepers = new Map<string, CertificateKeeper>()
  for (const [key, terms] of all) {
    const storage = storages.get(terms.storage) ?? new AcmeStorage(terms.storage, wallClock)
    const authority = new AcmeAuthority(terms.directory, terms.ca, scheduler)
    authorities.push(authority)
    const board = challenges.board(storage)
    const told = listenerOf(logger, meters)
    keepers.set(key, new CertificateKeeper(terms, { storage, authority, board, scheduler, wallClock, random, told }))
  }
  await Promise.all([...keepers.values()].map(keeper => keeper.load()))
  return {
    challenges,
    certificate(terms) {
      const keeper = keepers.get(keyOf(terms))
      if (keeper === undefined) throw new RangeError(`no listener asks for a certificate for ${terms.domains.join(', ')}`)
      return keeper
    },
    start: () => {
      for (const keeper of keepers.values()) keeper.start()
    },
    close: async () => {
      await Promise.all([...keepers.values()].map(keeper => keeper.stop()))
      await Promise.all(authorities.map(authority => authority.close()))
    }
  }
}

/** Listeners that say the same share a certificate. */
const keyOf = ({ directory, domains, storage }: AcmeTerms) => JSON.stringify([directory, domains.toSorted(), storage])

const listenerOf = (logger: Logger | undefined, meters: Meters): AcmeListener => ({
  ordering: domains => logger?.info({ domains }, 'certificate ordered'),
  taken: (domains, until, from) => logger?.info({ domains, until, from }, 'certificate obtained'),
  failed: (domains, why, retryInMs) => {
    meters.acmeFailed()
    logger?.error({ domains, why, retryInMs: Math.round(retryInMs) }, 'certificate not obtained')
  }
})
