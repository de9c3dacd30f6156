import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { accessRecord, refusalRecord, secretNames } from '../src/observe/access-record.ts'

export interface LoggingOptions {
  readonly access: boolean
  /** Names of query parameters whose values are not logged, besides those that are never logged. */
  readonly redact: readonly string[]
}

/** One line for each request, with every attempt. */
export default fp(
  async (app: FastifyInstance, { access, redact }: LoggingOptions) => {
    if (!access || !logs(app)) return
    const hidden = secretNames(redact)
    app.onCompletion((request, reply, status) => {
      const { match, exchange } = request
      const record = accessRecord(
        {
          id: request.id,
          client: request.ip,
          method: request.method,
          host: match.host,
          path: match.path,
          search: match.search,
          status,
          durationMs: reply.elapsedTime,
          exchange,
          error: request.errorCode ?? exchange?.brokenBy
        },
        hidden
      )
      app.log.info(record, 'request')
    })
    app.onRefusal(refusal => app.log.info(refusalRecord(refusal, hidden), 'request'))
  },
  { name: 'logging', dependencies: ['completion'] }
)

/** Pino has it, Fastify's type of a logger does not. */
const logs = ({ log }: FastifyInstance) => 'isLevelEnabled' in log && (log as unknown as Logger).isLevelEnabled('info')
