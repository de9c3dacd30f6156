import Type from 'typebox'
import { Duration, Named, Text } from '../model/option-types.ts'

// What a check of the configuration needs to judge the two texts that stand for something else.
export { readBodyExpectation } from './body-expectation.ts'
export { readStatuses } from './statuses.ts'

const port = { minimum: 1, maximum: 65535 }

const AgentOptions = Type.Object(
  {
    port: Type.Integer({ ...port, description: 'Where the agent of a target listens.' }),
    interval: Type.Optional(Duration({ above: 0, default: '5s', description: 'How often the agent is asked.' }))
  },
  { description: "An agent beside each target that answers a connection with one line, as HAProxy's agents do." }
)

const what = {
  type: Type.Enum(['http', 'tcp', 'grpc'], {
    default: 'http',
    description: 'http sends a request, tcp makes a connection, grpc calls grpc.health.v1.Health/Check over HTTP/2.'
  }),
  path: Text('path', { default: '/health', description: 'The path that an http check asks for.' }),
  method: Text('method', { default: 'GET', description: 'The method of an http check.' }),
  headers: Named('header-name', Text('header-value'), { default: {}, description: 'Headers that an http check sends.' }),
  host: Text('text', { description: "The Host of an http check; the target's own when absent." }),
  expect: Type.Union([Type.Integer({ minimum: 100, maximum: 599, noun: 'status' }), Text('text')], {
    default: '200-399',
    description: 'The statuses of a passing http check: single ones and ranges, such as 200-299,401.'
  }),
  body: Text('text', {
    description: 'What the first 256 KiB of the answer must contain: a text, or a regular expression between slashes.'
  }),
  service: Text('text', { default: '', description: 'The service that a grpc check asks for; empty: the server as a whole.' }),
  port: Type.Integer({ ...port, description: "The port to check, when it is not the target's own." })
}

const when = {
  interval: Duration({ above: 0, default: '5s', description: 'The time from one check of a target to the next.' }),
  idleInterval: Duration({ above: 0, description: 'The interval while no requests come for the group; absent: no difference.' }),
  timeout: Duration({ above: 0, default: '1s', description: 'How long a check may take, the connection included.' }),
  fall: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 3,
    description: 'How many checks in a row must fail until a target gets nothing more; the very first decides at once.'
  }),
  rise: Type.Integer({
    minimum: 1,
    maximum: 100,
    default: 2,
    description: 'How many checks in a row must pass until a target that failed is used again.'
  })
}

/** Absent or false: no active checks. */
export const HealthOptions = Type.Union(
  [Type.Literal(false), Type.Partial(Type.Object({ ...what, ...when, agent: AgentOptions }))],
  { description: 'How targets are asked whether they are well, without waiting for a request to fail.' }
)

/** How pushed heartbeats are judged. */
export const HeartbeatOptions = Type.Partial(
  Type.Object({
    threshold: Type.Number({
      exclusiveMinimum: 0,
      default: 8,
      description: 'The suspicion (phi) from which a target gets nothing: 8 is wrong once in 100 million times.'
    }),
    pause: Duration({ default: '3s', description: 'A silence beyond the usual interval that raises no suspicion.' })
  }),
  { default: {}, description: 'How the heartbeats that targets send by themselves are judged.' }
)

/** `HealthOptions` as the configuration resolves them: times in milliseconds, defaults filled in. */
export interface HealthSettings {
  readonly type: 'http' | 'tcp' | 'grpc'
  readonly path: string
  readonly method: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly host?: string
  readonly expect: string | number
  readonly body?: string
  readonly service: string
  readonly port?: number
  readonly interval: number
  readonly idleInterval?: number
  readonly timeout: number
  readonly fall: number
  readonly rise: number
  readonly agent?: AgentSettings
}

export interface AgentSettings {
  readonly port: number
  /** Milliseconds. */
  readonly interval: number
}
