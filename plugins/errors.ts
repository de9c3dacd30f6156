import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { type ErrorCode, errorTable, GatewayError, problemText, problemType } from '../src/model/errors.ts'
import { grpcError, isGrpc } from '../src/model/grpc-answer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the answer that the gateway made itself. */
    errorCode: ErrorCode | undefined
  }
  interface FastifyReply {
    /** Fields that came from an upstream: they go when a problem takes the place of its answer. */
    answerFields: Readonly<Record<string, unknown>> | undefined
    /** Answers in the place of a failure behind the gateway; false: it does not. Asked once. */
    standIn: (() => boolean) | null
  }
}

/** Answers every error as problem details: never an internal address, a stack or a library's message. */
export default fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('errorCode', undefined)
    app.decorateReply('answerFields', undefined)
    app.decorateReply('standIn', null)
    // A route's handler is asked first; what fails while its answer is sent goes on to the app's.
    app.addHook('onRoute', route => {
      route.errorHandler = (error, request, reply) => answerProblem(request, reply, told(error, request))
    })
    app.setErrorHandler((error: FastifyError, request, reply) => answerPlainly(request, reply, told(error, request)))
    app.setNotFoundHandler((request, reply) => answerProblem(request, reply, new GatewayError('EG_NO_ROUTE')))
  },
  { name: 'errors' }
)

/** What the client is told of an error, and the operator of one that is nobody's answer. */
function told(error: FastifyError | GatewayError, request: FastifyRequest): GatewayError {
  const known = error instanceof GatewayError ? error : foreignError(error)
  if (known.code === 'EG_INTERNAL') request.log.error({ err: error }, 'a plugin failed')
  return known
}

/** Sends the gateway's own answer. */
export function answerProblem(request: FastifyRequest, reply: FastifyReply, error: GatewayError): void {
  const { standIn } = reply
  reply.standIn = null
  if (standIn !== null && error.status > 501 && error.status < 505 && standIn()) return
  request.errorCode = error.code
  for (const name in reply.answerFields) reply.removeHeader(name)
  // A client that waits for 100 may send its body or not: what comes next cannot be told apart.
  if (request.raw.headers.expect !== undefined) reply.raw.shouldKeepAlive = false
  if (isGrpc(request.raw.headers['content-type'])) {
    reply
      .code(200)
      .headers({ ...error.headers, ...grpcError(error.code, error.message) })
      .send()
    return
  }
  reply
    .code(error.status)
    .headers({ ...error.headers, 'content-type': problemType })
    .send(problemText(error.code, request.id, error.message, error.status))
}

/** Sends it past every hook, since one of them has failed. */
function answerPlainly(request: FastifyRequest, reply: FastifyReply, error: GatewayError): void {
  const { code, status } = request.errorCode === undefined ? error : new GatewayError('EG_INTERNAL')
  request.errorCode = code
  reply.hijack()
  const { raw } = reply
  const isCall = isGrpc(request.raw.headers['content-type'])
  const text = isCall ? undefined : problemText(code, request.id)
  const fields = {
    ...limitFields(reply),
    ...(text === undefined ? grpcError(code) : { 'content-type': problemType, 'content-length': Buffer.byteLength(text) }),
    'x-request-id': request.id
  }
  if (raw.headersSent) raw.destroy()
  else raw.writeHead(isCall ? 200 : status, fields).end(text)
}

/** How the limits of the route stand belongs on every answer; a hook has put it there before the one that failed. */
function limitFields(reply: FastifyReply) {
  return Object.fromEntries(Object.entries(reply.getHeaders()).filter(([name]) => name.startsWith('ratelimit')))
}

const byStatus = new Map<number, ErrorCode>(
  Object.entries(errorTable).map(([code, { status }]) => [status, code as ErrorCode] as const)
)

/** An error of Fastify or of a plugin: its status says who is at fault, its message stays here. */
function foreignError({ statusCode = 500, code }: FastifyError): GatewayError {
  // Operators alone are asked for a body: clients' are never parsed.
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new GatewayError('EG_BAD_REQUEST', 'The body is application/json.')
  if (statusCode < 400 || statusCode > 499) return new GatewayError('EG_INTERNAL')
  return new GatewayError(byStatus.get(statusCode) ?? 'EG_BAD_REQUEST')
}
