import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, errorTable, GatewayError, problemText, problemType } from '../src/model/errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the answer that the gateway made itself. */
    errorCode: ErrorCode | undefined
  }
}

/** Answers every error as problem details: never an internal address, a stack or a library's message. */
export default fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('errorCode', undefined)
    app.setErrorHandler((error: FastifyError | GatewayError, request, reply) => {
      const known = error instanceof GatewayError ? error : foreignError(error)
      if (known.code === 'EG_INTERNAL') request.log.error({ err: error, requestId: request.id }, 'a plugin failed')
      answerProblem(request, reply, known)
    })
    app.setNotFoundHandler((request, reply) => answerProblem(request, reply, new GatewayError('EG_NO_ROUTE')))
  },
  { name: 'errors' }
)

/** Sends the gateway's own answer. */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, error: GatewayError): void {
  request.errorCode = error.code
  // A client that waits for 100 may send its body or not: what comes next cannot be told apart.
  if (request.raw.headers.expect !== undefined) reply.raw.shouldKeepAlive = false
  reply
    .code(error.status)
    .headers({ ...error.headers, 'content-type': problemType })
    .send(problemText(error.code, request.id, error.message))
}

const byStatus = new Map<number, ErrorCode>(
  Object.entries(errorTable).map(([code, { status }]) => [status, code as ErrorCode] as const)
)

/** An error of Fastify or of a plugin: its status says who is at fault, its message stays here. */
function foreignError({ statusCode = 500 }: FastifyError): GatewayError {
  if (statusCode < 400 || statusCode > 499) return new GatewayError('EG_INTERNAL')
  return new GatewayError(byStatus.get(statusCode) ?? 'EG_BAD_REQUEST')
}
