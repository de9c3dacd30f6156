import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { compressed } from '../src/compress/compressor.ts'
import { type Decision, decide, type Fields, text } from '../src/compress/decision.ts'
import { asksForWeak, varyByEncoding, weak } from '../src/compress/fields.ts'
import type { CompressionRules } from '../src/model/compression.ts'
import type {} from './errors.ts'
import type {} from './routing.ts'
import { inOneGo, looksCompressed, wholeCompressor } from './whole-compressor.ts'

type Whole = string | Buffer

/** Compresses answers of routes that ask for it. The last of the hooks: it compresses what the others have made of an answer. */
export default fp(
  async (app: FastifyInstance) => {
    const compressWhole = wholeCompressor()
    app.addHook('onSend', (request, reply, payload: unknown, done) => {
      const { match } = request
      if (match.kind !== 'route' || match.route.compress === undefined || request.errorCode !== undefined) return done()
      const decision = decisionFor(match.route.compress, request, reply, payload)
      if (decision === 'untouched') return done()
      const etag = text(reply.getHeader('etag'))
      const vary = varyByEncoding(text(reply.getHeader('vary')))
      reply.header('vary', vary)
      if (decision === 'validated' && asksForWeak(text(request.headers['if-none-match']), etag)) reply.header('etag', weak(etag))
      if (decision === 'validated' || decision === 'varies') return done()
      if (etag !== '') reply.header('etag', weak(etag))
      // What says identity is said otherwise, and parts of what goes out cannot be asked for.
      reply.removeHeader('content-encoding').removeHeader('accept-ranges')
      reply.answerFields = { ...reply.answerFields, 'content-encoding': decision }
      if (isWhole(payload) && Buffer.byteLength(payload) <= inOneGo) {
        compressWhole(reply, payload, decision, (error, smaller) => {
          // The package adds the name once more, in its own letters.
          reply.header('vary', vary)
          if (error === null) done(null, smaller)
          else done(error)
        })
        return
      }
      reply.removeHeader('content-length')
      reply.header('content-encoding', decision)
      // What is neither whole nor nothing is a stream.
      done(null, compressed(isWhole(payload) ? Readable.from([Buffer.from(payload)]) : (payload as Readable), decision))
    })
  },
  { name: 'compression', dependencies: ['errors', 'routing'] }
)

const isWhole = (payload: unknown): payload is Whole => typeof payload === 'string' || Buffer.isBuffer(payload)

const isStream = (payload: unknown): payload is Readable => payload instanceof Readable

function decisionFor(rules: CompressionRules, request: FastifyRequest, reply: FastifyReply, payload: unknown): Decision {
  const fields: Fields = reply.getHeaders()
  const { method, raw, headers } = request
  const length = isWhole(payload) ? Buffer.byteLength(payload) : lengthOf(fields['content-length'])
  const decision = decide(rules, {
    method,
    httpVersion: raw.httpVersion,
    asked: headers,
    status: reply.statusCode,
    fields,
    length
  })
  if (decision === 'untouched' || decision === 'validated' || decision === 'varies') return decision
  if (isStream(payload)) return decision
  return isWhole(payload) && !looksCompressed(Buffer.from(payload.slice(0, 2))) ? decision : 'varies'
}

const lengthOf = (field: Fields[string]) => (field === undefined ? undefined : Number(field))
