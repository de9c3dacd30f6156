import type { Authenticator, RouteAuth } from '../../src/model/authenticator.ts'

/** Who may use a route, as an operator reads it: the credentials of which any is enough, or all are needed, and what else. */
export function describeAuth({ authenticators, require, scopes, claims, forward, observe }: RouteAuth) {
  return {
    [require]: authenticators.map(wayName),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(claims.length === 0 ? {} : { claims: Object.fromEntries(claims) }),
    ...(forward.length === 0 ? {} : { forward: Object.fromEntries(forward) }),
    mode: observe ? 'observe' : 'enforce'
  }
}

/** The same in one line. */
export function authText(auth: RouteAuth | undefined): string {
  if (auth === undefined) return 'none'
  const { authenticators, require, scopes, claims, observe } = auth
  return [
    authenticators.map(wayName).join(require === 'any' ? ' or ' : ' and '),
    ...(scopes.length === 0 ? [] : [`scopes ${scopes.join(' ')}`]),
    ...(claims.length === 0 ? [] : [`claims ${claims.map(([name, value]) => `${name}=${value}`).join(' ')}`]),
    ...(observe ? ['nobody is refused (mode: observe)'] : [])
  ].join('; ')
}

/** The kind, with the name where that says more. */
const wayName = ({ kind, name = kind }: Authenticator) => (name === kind ? kind : `${kind} ${name}`)
