import type { Static } from 'typebox'
import type { AcmeTerms } from '../src/acme/options.ts'
import type { Algorithm } from '../src/balance/options.ts'
import type { BreakerOptions } from '../src/breaker/options.ts'
import type { RetryOptions } from '../src/failover/options.ts'
import type { HealthSettings } from '../src/health/options.ts'
import type { LimitOptions } from '../src/limit/options.ts'
import type { DurationText, SizeText } from '../src/model/option-types.ts'
import type { Pem } from '../src/model/pem.ts'
import type { UpstreamProtocol } from '../src/model/upstream-protocol.ts'
import type { LoggingOptions } from '../src/observe/options.ts'
import type { OutlierOptions } from '../src/outlier/options.ts'
import type { UpstreamTimeouts } from '../src/upstream/options.ts'
import type { Problem } from './problem.ts'
import type { HedgeDelay } from './scalars/units.ts'
import type { ConfigInput } from './schema.ts'
import type { RouteConfig } from './types-route.ts'
import type { SecurityConfig } from './types-security.ts'

/** What a written form becomes: durations are milliseconds, sizes bytes, and what has a default is there. */
export type Resolved<Written> = Written extends DurationText | SizeText
  ? number
  : Written extends string | number | boolean
    ? Written
    : { readonly [Key in keyof Written]-?: Resolved<Exclude<Written[Key], undefined>> }

export interface AddressConfig {
  readonly host: string
  readonly port: number
}

export interface CertificateConfig {
  readonly cert: Pem
  readonly key: Pem
  /** In lower case, `*.` before some; absent: the names in the certificate. */
  readonly hosts?: readonly string[]
}

export interface ServerTlsConfig {
  /** The one that is shown without a name first; none only beside `acme`. */
  readonly certificates: readonly CertificateConfig[]
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly ciphers: string
  readonly clientCertificates: false | { readonly ca: Pem; readonly require: boolean }
  /** In place of certificates. */
  readonly acme?: AcmeTerms
}

export interface ListenConfig extends AddressConfig {
  readonly tls?: ServerTlsConfig
  readonly proxyProtocol?: true
  /** Absent: HTTP/1 alone is spoken. */
  readonly http2?: { readonly maxStreams: number }
  /** Where every request is sent under https. */
  readonly redirectPort?: number
}

export interface AdminConfig extends AddressConfig {
  readonly token?: string
}

export interface TargetConfig {
  readonly id: string
  /** An origin, without a trailing slash. */
  readonly url: string
  /** A whole number; 0 is picked only when nothing else is left. */
  readonly weight: number
  readonly tier: number
  readonly zone?: string
  readonly tags: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

export interface TlsConfig {
  readonly verify: boolean
  readonly ca?: Pem
  readonly cert?: Pem
  readonly key?: Pem
  readonly servername?: string
}

/** Times in milliseconds, shares 0..1. */
export type CircuitConfig = Resolved<Exclude<Exclude<Static<typeof BreakerOptions>, false>['group'], false | undefined>>
export interface BreakerConfig extends CircuitConfig {
  readonly group: false | CircuitConfig
}

export type OutlierConfig = Resolved<Exclude<Static<typeof OutlierOptions>, false>>

/** `budget` is a share, 0..1. */
export interface HedgeConfig {
  readonly after: HedgeDelay
  readonly budget: number
}

/** `group` is there when a fallback is named. */
export interface FailoverConfig {
  readonly order: 'balance' | 'nearest'
  readonly k: number | 'auto'
  readonly metric: 'euclidean' | 'mahalanobis'
  readonly group?: string
  readonly panic: number
  readonly spill: number
  readonly failback: 'gradual' | 'delayed' | 'manual'
}

export type RetryConfig = Resolved<RetryOptions>
export type RouteRetryConfig = Partial<Omit<RetryConfig, 'budget'>>

export interface UpstreamConfig {
  readonly name: string
  readonly targets: readonly TargetConfig[]
  readonly balance: { readonly algorithm: Algorithm; readonly by?: string; readonly bounded?: number }
  readonly health: false | HealthSettings
  readonly limits: Resolved<Static<typeof LimitOptions>>
  /** Milliseconds. */
  readonly slowStart: number
  readonly breaker: false | BreakerConfig
  readonly outliers: false | OutlierConfig
  readonly retry: RetryConfig
  readonly hedge: false | HedgeConfig
  readonly failover: FailoverConfig
  /** Milliseconds. */
  readonly timeouts: Resolved<Static<typeof UpstreamTimeouts>>
  readonly tls: TlsConfig
  readonly protocol: UpstreamProtocol
}

export interface PluginConfig {
  /** An absolute path, or the name of a package. */
  readonly use: string
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly routes: 'all' | 'named'
}

/** The complete configuration that the program uses. */
export interface GatewayConfig {
  readonly file?: string
  /** Twelve hexadecimal digits; equal for configurations that do the same. */
  readonly revision: string
  readonly listen: readonly ListenConfig[]
  readonly admin: AdminConfig | false
  /** Where this gateway stands. */
  readonly zone?: string
  readonly trustProxy: readonly string[]
  /** Where counters are kept: in this process, or at one Redis, or the nodes of a cluster (a URL may hold a password), for
   * whose answer a request waits so many milliseconds. */
  readonly store: 'memory' | { readonly redis: readonly string[]; readonly timeout: number }
  /** Milliseconds. */
  readonly timeouts: Resolved<NonNullable<ConfigInput['timeouts']>>
  readonly connections: Resolved<NonNullable<ConfigInput['connections']>>
  /** Milliseconds. */
  readonly drain: Resolved<NonNullable<ConfigInput['drain']>>
  readonly upstreams: readonly UpstreamConfig[]
  readonly routes: readonly RouteConfig[]
  readonly security: SecurityConfig
  readonly logging: Resolved<Static<typeof LoggingOptions>>
  /** Upper bounds in seconds, ascending. */
  readonly metrics: { readonly buckets: readonly number[] }
  readonly plugins: readonly PluginConfig[]
}

export type ParseResult =
  | { readonly ok: true; readonly config: GatewayConfig; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }
