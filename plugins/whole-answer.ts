import { isAscii } from 'node:buffer'
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { ResponseFields } from '../src/forward/response-headers.ts'

/** Node writes a text together with the fields before it, in one piece; ASCII is the same bytes either way. */
const asText = (body: Buffer | undefined) => (body !== undefined && isAscii(body) ? body.toString('latin1') : body)

/** In the place of a serializer, which Fastify takes for JSON: without one it would add a charset to its type. */
const asItIs = (payload: unknown) => payload as string

/** Sends a complete answer as it is; the fields are on the reply already. An undefined body is none, as for HEAD. */
export function sendWhole(reply: FastifyReply, status: number, fields: ResponseFields, body: Buffer | undefined): void {
  // Fastify would name a type that the upstream did not.
  const untyped = body !== undefined && fields['content-type'] === undefined
  const payload = untyped ? Readable.from([body]) : asText(body)
  reply.code(status).serializer(asItIs).send(payload)
}
