import type { Identification, RefusalReason } from '../model/authenticator.ts'
import type { Consumer, CredentialKind, OwnLimit } from '../model/consumer.ts'

/** Answers that are the same for everybody are made once. */
export const absent: Identification = Object.freeze({ kind: 'absent' })

const refusal = (reason: RefusalReason): Identification => Object.freeze({ kind: 'refused', reason })

export const refused: Readonly<Record<RefusalReason, Identification>> = Object.freeze({
  missing: refusal('missing'),
  malformed: refusal('malformed'),
  invalid: refusal('invalid'),
  expired: refusal('expired'),
  revoked: refusal('revoked'),
  scope: refusal('scope'),
  unavailable: refusal('unavailable')
})

interface Found {
  readonly name: string
  readonly scopes?: Iterable<string>
  readonly labels?: Readonly<Record<string, string>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly limit?: OwnLimit
}

const nothing = Object.freeze({})

/** A consumer as an answer, which may be given again: nobody changes it. */
export function found(
  kind: CredentialKind,
  { name, scopes = [], labels = nothing, claims = nothing, limit }: Found
): Identification {
  const consumer: Consumer = Object.freeze({ name, kind, scopes: new Set(scopes), labels, claims, ...(limit && { limit }) })
  return Object.freeze({ kind: 'consumer', consumer })
}
