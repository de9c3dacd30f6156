/** What the author of a plugin needs: the types of what hooks see, an answer to give in a target's place, and a form to write in. */
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

// What these add to Fastify's types: `request.consumer`, `request.match`, `request.origin` and `request.errorCode`.
export type {} from '../plugins/authentication.ts'
export type { Completion } from '../plugins/completion.ts'
export type {} from '../plugins/errors.ts'
export { exchangeOf } from '../plugins/exchange.ts'
export type {} from '../plugins/origin.ts'
export type {} from '../plugins/routing.ts'
export type { Origin } from './forward/forwarded.ts'
export type { Attempt } from './model/attempt.ts'
export { type ClientCertificate, clientCertificateOf } from './model/client-certificate.ts'
export type { Consumer } from './model/consumer.ts'
export { type ErrorCode, GatewayError } from './model/errors.ts'
export type { Exchange } from './model/exchange.ts'
export type { Gate } from './model/gate.ts'
export type { Group } from './model/group.ts'
export type { Outcome } from './model/outcome.ts'
export type { Picker } from './model/picker.ts'
export type { Route } from './model/route.ts'
export type { Target } from './model/target.ts'
export type { Match } from './routing/router.ts'

/** What a plugin says of itself besides its name. */
export interface PluginNeeds {
  /** Names of plugins that must be registered before it, such as `exchange`. */
  readonly dependencies?: readonly string[]
}

/**
 * A Fastify plugin for the gateway: its hooks run on the gateway's requests, its options are those of the configuration.
 * Fastify refuses to start where it is not version 5, or where a dependency is missing.
 *
 * ```ts
 * export default definePlugin<{ header: string }>('stamp', (app, { header }) => {
 *   app.addHook('onSend', async (_request, reply) => void reply.header(header, 'evergate'))
 * })
 * ```
 */
export function definePlugin<Options extends object = object>(
  name: string,
  attach: (app: FastifyInstance, options: Options) => void | Promise<void>,
  { dependencies = [] }: PluginNeeds = {}
): FastifyPluginAsync<Options> {
  return fp(async (app: FastifyInstance, options: Options) => attach(app, options), {
    name,
    fastify: '5.x',
    dependencies: [...dependencies]
  })
}
