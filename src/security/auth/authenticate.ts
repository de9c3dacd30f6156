import type { Authenticator, CredentialRequest, Identification, RefusalReason, RouteAuth } from '../../model/authenticator.ts'
import type { Consumer } from '../../model/consumer.ts'
import type { CredentialPlaces } from '../../model/kept-back.ts'
import { isGranted } from './grants.ts'

/** Whether a request may use a route. */
export type Decision = (
  | { readonly kind: 'admitted'; readonly consumer: Consumer }
  /** `consumer`: it is known who it is, and that is not enough. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly consumer: Consumer | null }
) & {
  /** Where the good credentials stand that do not go on to the upstream. */
  readonly keptBack?: readonly CredentialPlaces[]
}

/** From the reason that says least to the one that says most: where several credentials are refused, the last of these is told. */
const tellingReasons: readonly RefusalReason[] = ['missing', 'malformed', 'invalid', 'revoked', 'expired', 'scope', 'unavailable']

/** Asks the authenticators of a route, in their order. At once where none of them has to wait. */
export function authenticate(auth: RouteAuth, request: CredentialRequest): Decision | Promise<Decision> {
  return ask(auth, request, 0, [])
}

/** `before` is what the authenticators before this one said. */
function ask(auth: RouteAuth, request: CredentialRequest, from: number, before: readonly Identification[]): DecisionOrWait {
  const { authenticators, require } = auth
  const said = [...before]
  for (let index = from; index < authenticators.length; index++) {
    // The index is within the list.
    const identification = (authenticators[index] as Authenticator).identify(request)
    if (identification instanceof Promise)
      return identification.then(each => {
        const all = [...said, each]
        return isEnough(each, require) ? decide(auth, all) : ask(auth, request, index + 1, all)
      })
    said.push(identification)
    if (isEnough(identification, require)) break
  }
  return decide(auth, said)
}

type DecisionOrWait = Decision | Promise<Decision>

/** One consumer is enough, or one refusal where all are needed. */
const isEnough = ({ kind }: Identification, require: RouteAuth['require']) =>
  require === 'any' ? kind === 'consumer' : kind !== 'consumer'

function decide(auth: RouteAuth, said: readonly Identification[]): Decision {
  if (auth.keepsBack !== true) return judge(auth, said)
  // They have spoken in their order.
  const good = auth.authenticators.filter((_, index) => said[index]?.kind === 'consumer')
  return { ...judge(auth, said), keptBack: good.flatMap(({ keepsBack }) => keepsBack ?? []) }
}

function judge(auth: RouteAuth, said: readonly Identification[]): Decision {
  const consumers = said.flatMap(each => (each.kind === 'consumer' ? [each.consumer] : []))
  const needed = auth.require === 'any' ? 1 : auth.authenticators.length
  const [first] = consumers
  if (first === undefined || consumers.length < needed) return { kind: 'refused', reason: reasonOf(said), consumer: null }
  const consumer = consumers.length === 1 ? first : consumers.reduce(joined)
  if (!isGranted(consumer, auth)) return { kind: 'refused', reason: 'scope', consumer }
  return { kind: 'admitted', consumer }
}

function reasonOf(said: readonly Identification[]): RefusalReason {
  const reasons = said.map(each => (each.kind === 'refused' ? each.reason : 'missing'))
  return tellingReasons.findLast(reason => reasons.includes(reason)) ?? 'missing'
}

/** Who shows several credentials is the first of them, with what all of them allow, and the first limit that one of them has. */
function joined(one: Consumer, other: Consumer): Consumer {
  const limit = one.limit ?? other.limit
  return {
    name: one.name,
    kind: one.kind,
    scopes: new Set([...one.scopes, ...other.scopes]),
    labels: { ...other.labels, ...one.labels },
    claims: { ...other.claims, ...one.claims },
    ...(limit !== undefined && { limit })
  }
}
