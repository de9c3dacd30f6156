import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import type { KeyMaterial, Verify } from './security/jwt/key.ts'

/**
 * Verifies signatures by one key with @fastify/jwt, which has its verifier as part of an app: this one has no routes and never
 * listens. Each key has its own, made when the key is known. `request.jwtVerify()` on the gateway's app would not do: keys of a key
 * set come and go while it runs, for which it makes a verifier for each request unless it is awaited, and reads the token twice.
 * Its cache is off as well: it hashes a token to look it up (5 of the 34 us of a request) and cannot tell tokens of a key that was
 * withdrawn. What the claims say is checked in src/security/jwt/claims.ts, where time can stand still; the package's own checks
 * pass over a claim that is absent. Rejects where the key does not fit its algorithms.
 */
export async function makeVerify({ key, algorithms }: KeyMaterial): Promise<Verify> {
  const app = Fastify()
  await app.register(fastifyJwt, {
    // As "public" it is never signed with, be it a secret or not.
    secret: { public: key },
    verify: { algorithms: [...algorithms], cache: false, errorCacheTTL: -1, ignoreExpiration: true, ignoreNotBefore: true }
  })
  return token => void app.jwt.verify(token)
}
