import type { RefusalReason, RouteAuth } from '../../model/authenticator.ts'
import type { ErrorCode } from '../../model/errors.ts'

/** What a refused client is answered. */
export interface Refused {
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>
}

/**
 * 401 for who is not known, with the challenge of each accepted scheme (RFC 9110 section 11.6.1); 403 for who is known and may
 * not, with the scopes that are missing (RFC 6750 section 3.1). When nobody could say whether a credential is good it is not the
 * client's fault: with a 401 it would throw away a good one.
 */
export function refusalOf(auth: RouteAuth, reason: RefusalReason): Refused {
  if (reason === 'unavailable') return { code: 'EG_AUTH_UNAVAILABLE', headers: { 'retry-after': '10' } }
  const code = reason === 'scope' ? 'EG_FORBIDDEN' : 'EG_UNAUTHENTICATED'
  const challenges = challengesOf(auth, reason)
  return { code, headers: challenges === '' ? {} : { 'www-authenticate': challenges } }
}

/** One for each scheme: two kinds of token after Bearer are one scheme. */
function challengesOf({ authenticators, scopes }: RouteAuth, reason: RefusalReason): string {
  const byScheme = new Map<string, string>()
  for (const authenticator of authenticators) {
    const challenge = authenticator.challenge(reason === 'missing' ? undefined : reason)
    const scheme = challenge?.split(' ', 1)[0]
    if (challenge === undefined || scheme === undefined || byScheme.has(scheme)) continue
    const wanted = reason === 'scope' && scopes.length > 0 && challenge.includes('insufficient_scope')
    byScheme.set(scheme, wanted ? `${challenge}, scope="${scopes.map(quotable).join(' ')}"` : challenge)
  }
  return [...byScheme.values()].join(', ')
}

/** RFC 6749 section 3.3: a scope has neither quotes nor backslashes. */
const quotable = (scope: string) => scope.replace(/["\\\x00-\x1f\x7f-\uffff]/g, '')
