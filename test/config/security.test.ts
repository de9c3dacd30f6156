import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { formatProblem } from '../../config/problem.ts'
import { configOf, directoryWith, parseText, problemsOf } from './reading.ts'

const secret = 'a secret that is long enough for HS256 at least'

/** A configuration with this `security.jwt` and this `auth`; the first is in line 2, the second in line 3. */
const withAuth = (jwt: string, auth: string) =>
  `upstreams: { a: { targets: [http://a] } }\nsecurity: { jwt: ${jwt} }\nroutes: [{ prefix: /, upstream: a, auth: ${auth} }]\n`
const bySecret = `{ secret: ${secret} }`
const one = `{ issuer: https://id.test, audience: api, secret: ${secret} }`

const pem = (options: object, type: 'rsa' | 'ec' | 'ed25519' = 'rsa') =>
  // The types of each kind of key have different options; these are right for the kinds that are given.
  generateKeyPairSync(type as 'rsa', options as { modulusLength: number })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString()

const quoted = (text: string) => JSON.stringify(text)

describe('security.jwt', () => {
  test('is one verifier, completed', () => {
    const { security, routes } = configOf(withAuth(one, 'jwt'))
    assert.deepEqual(security.jwt, [
      {
        name: 'jwt',
        issuer: ['https://id.test'],
        audience: ['api'],
        algorithms: ['HS256'],
        by: { secret },
        clockTolerance: 5000,
        requiredClaims: [],
        header: 'authorization',
        passOn: true,
        cache: 10_000
      }
    ])
    assert.deepEqual(routes[0]?.auth, {
      ways: [{ kind: 'jwt' }],
      require: 'any',
      scopes: [],
      claims: {},
      forward: {},
      mode: 'enforce'
    })
  })

  test('is several by name', () => {
    const several = `{ staff: ${bySecret}, partner: { jwks: https://p.test/keys, issuer: [a, b], audience: c } }`
    const { security, routes } = configOf(withAuth(several, '{ jwt: partner }'))
    assert.deepEqual(
      security.jwt.map(({ name, issuer, algorithms, by }) => ({ name, issuer, algorithms, by })),
      [
        { name: 'staff', issuer: [], algorithms: ['HS256'], by: { secret } },
        { name: 'partner', issuer: ['a', 'b'], algorithms: ['RS256', 'ES256', 'EdDSA'], by: { jwks: 'https://p.test/keys' } }
      ]
    )
    const auth = routes[0]?.auth
    assert.deepEqual(auth ? auth.ways : [], [{ kind: 'jwt', name: 'partner' }])
  })

  test('takes the key from a file, and for a public key the algorithm that fits', async t => {
    const ec = pem({ namedCurve: 'P-384' }, 'ec')
    const directory = await directoryWith(t, { secret: `${secret}\n`, 'ec.pem': ec, 'ed.pem': pem({}, 'ed25519') })
    const text = withAuth(
      '{ s: { secret: { file: secret } }, e: { publicKey: ec.pem }, d: { publicKey: { file: ed.pem } } }',
      '{ jwt: s }'
    )
    const { security } = configOf(text, {}, directory)
    assert.deepEqual(
      security.jwt.map(({ algorithms }) => algorithms),
      [['HS256'], ['ES384'], ['EdDSA']]
    )
    assert.deepEqual(
      security.jwt.slice(0, 2).map(({ by }) => by),
      [{ secret }, { publicKey: ec.trim() }]
    )
  })

  test('of one verifier whose only key is a file is no name', async t => {
    const directory = await directoryWith(t, { secret })
    assert.equal(configOf(withAuth('{ secret: { file: secret } }', 'jwt'), {}, directory).security.jwt[0]?.name, 'jwt')
  })

  const rsa = pem({ modulusLength: 2048 })
  const which = 'accepted: one of secret, publicKey, jwks'
  for (const [jwt, problem] of [
    ['{ issuer: a }', `security.jwt  does not say by which key tokens are verified; ${which}`],
    [`{ secret: ${secret}, jwks: https://a }`, `security.jwt  has secret and jwks; ${which}`],
    [`{ n: { issuer: a } }`, `security.jwt.n  does not say by which key tokens are verified; ${which}`],
    [
      `{ secret: short }`,
      'security.jwt.secret  has 5 bytes, too short for HS256 (RFC 7518 section 3.2); accepted: at least 32 bytes'
    ],
    [
      `{ secret: ${secret}, algorithms: [HS256, HS512] }`,
      `security.jwt.secret  has ${secret.length} bytes, too short for HS512 (RFC 7518 section 3.2); accepted: at least 64 bytes`
    ],
    [
      `{ secret: ${secret}, algorithms: [HS256, RS256] }`,
      'security.jwt.algorithms[1]  RS256 is not for a secret; accepted with a secret: HS256, HS384, HS512'
    ],
    [
      '{ jwks: https://a, algorithms: [RS256, HS256] }',
      'security.jwt.algorithms[1]  HS256 needs a secret, and a public key is none; accepted: RS, PS, ES and EdDSA algorithms'
    ],
    [
      `{ publicKey: ${quoted(rsa)}, algorithms: [HS256] }`,
      'security.jwt.algorithms[0]  HS256 needs a secret, and a public key is none; accepted: RS, PS, ES and EdDSA algorithms'
    ],
    [
      `{ publicKey: ${quoted(rsa)}, algorithms: [ES256] }`,
      'security.jwt.algorithms[0]  ES256 does not fit the public key; accepted: RS256, RS384, RS512, PS256, PS384, PS512'
    ],
    [
      `{ publicKey: ${quoted(pem({ modulusLength: 1024 }))} }`,
      'security.jwt.publicKey  is weak, or of a kind that no algorithm fits; accepted: RSA of 2048 bits or more, P-256, P-384, P-521, Ed25519, Ed448'
    ],
    [
      `{ publicKey: ${quoted(pem({ namedCurve: 'secp256k1' }, 'ec'))} }`,
      'security.jwt.publicKey  is weak, or of a kind that no algorithm fits; accepted: RSA of 2048 bits or more, P-256, P-384, P-521, Ed25519, Ed448'
    ],
    [
      `{ publicKey: ${quoted('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')} }`,
      'security.jwt.publicKey  is no public key; accepted: PEM text that begins with -----BEGIN PUBLIC KEY----- or is a certificate'
    ],
    [
      `{ secret: ${quoted(rsa)} }`,
      'security.jwt.secret  is a key of an asymmetric algorithm, which is no shared secret; accepted: publicKey for it, or a secret text'
    ],
    [
      `{ secret: '{"kty":"RSA","n":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}' }`,
      'security.jwt.secret  is a key of an asymmetric algorithm, which is no shared secret; accepted: publicKey for it, or a secret text'
    ],
    [
      `{ secret: ${secret}, clockTolerance: 61s }`,
      'security.jwt.clockTolerance  a token would be good for long after its end; accepted: at most 60s'
    ],
    [
      `{ secret: ${secret}, header: false }`,
      'security.jwt.header  a token can stand nowhere; accepted: a header, or with false a cookie or query'
    ],
    [
      '{ jwks: ftp://a }',
      'security.jwt.jwks  "ftp://a" is no URL; accepted: an https or http URL, such as https://id.example.com/keys.json'
    ],
    [
      "{ jwks: 'https://u:p@a' }",
      'security.jwt.jwks  "https://***@a" has a user or password; accepted: an https or http URL, such as https://id.example.com/keys.json'
    ]
  ] as const) {
    test(`is refused: ${jwt.slice(0, 60)}`, () => {
      const problems = problemsOf(withAuth(jwt, 'false')).map(line => line.split('  ').slice(1).join('  '))
      assert.deepEqual(problems, [problem])
    })
  }

  test('never shows a secret in what is wrong with it', () => {
    for (const jwt of [
      `{ secrt: ${secret}, issuer: a }`,
      `{ secrt: ${secret} }`,
      `{ name: { secrt: ${secret} } }`,
      `{ secret: [${secret}] }`,
      `{ secret: ${secret}, algorithms: [RS256] }`
    ])
      assert.ok(!problemsOf(withAuth(jwt, 'jwt')).join('\n').includes('long enough for HS256'), jwt)
  })
})

describe('auth of a route', () => {
  test('may be a list, a mapping, or false', () => {
    const { routes } = configOf(`defaults: { auth: { jwt: true, forward: { sub: X-User } } }
upstreams: { a: { targets: [http://a] } }
security: { jwt: ${one} }
routes:
  - { prefix: /, upstream: a }
  - { prefix: /open, upstream: a, auth: false }
  - { prefix: /list, upstream: a, auth: [jwt, jwt] }
  - { prefix: /all, upstream: a, auth: { require: all, scopes: [a, b], claims: { role: admin, level: 3 }, mode: observe } }
`)
    const common = { require: 'any', scopes: [], claims: {}, forward: {}, mode: 'enforce' }
    assert.deepEqual(
      routes.map(({ auth }) => auth),
      [
        { ...common, ways: [{ kind: 'jwt' }], forward: { sub: 'x-user' } },
        false,
        { ...common, ways: [{ kind: 'jwt' }] },
        {
          ways: [{ kind: 'jwt' }],
          require: 'all',
          scopes: ['a', 'b'],
          claims: { role: 'admin', level: 3 },
          forward: { sub: 'x-user' },
          mode: 'observe'
        }
      ]
    )
  })

  const several = `{ staff: ${bySecret}, partner: ${bySecret} }`
  for (const [jwt, auth, problem] of [
    ['{}', 'jwt', 'routes[0].auth  security does not configure jwt; accepted: nothing as long as security has none'],
    [one, '{ basic: true }', 'routes[0].auth.basic  security does not configure basic; accepted: jwt'],
    [one, '[jwt, certificate]', 'routes[0].auth  security does not configure certificate; accepted: jwt'],
    [one, '{ service: x }', 'routes[0].auth.service  security does not configure service; accepted: jwt'],
    [one, '{ jwt: other }', 'routes[0].auth.jwt  security.jwt has no "other"; accepted: jwt'],
    [
      several,
      'jwt',
      'routes[0].auth  security configures several, and none is named; accepted: { jwt: NAME } with staff, partner'
    ],
    [one, '{ scopes: [a] }', 'routes[0].auth  names no credential; accepted: jwt, apiKey and others, or false for anybody'],
    [
      one,
      '{ jwt: true, forward: { sub: authorization } }',
      'routes[0].auth.forward.sub  authorization has a meaning of its own; accepted: another header, such as x-user-id'
    ],
    [
      one,
      '{ jwt: true, forward: { sub: x-u, email: X-U } }',
      'routes[0].auth.forward.email  x-u tells sub already; accepted: a header of its own for each claim'
    ],
    [
      one,
      '{ jwt: true, forward: { sub: connection } }',
      'routes[0].auth.forward.sub  connection belongs to the connection; accepted: any other header'
    ]
  ] as const) {
    test(`is refused: ${auth} where security has ${jwt.slice(0, 20)}`, () => {
      const problems = problemsOf(withAuth(jwt, auth)).map(line => line.split('  ').slice(1).join('  '))
      assert.deepEqual(problems, [problem])
    })
  }
})

describe('warned of is', () => {
  const warningsOf = (jwt: string, auth: string) => {
    const result = parseText(withAuth(jwt, auth))
    assert.ok(result.ok)
    return result.warnings.map(warning => formatProblem(warning).split('  ')[1])
  }
  test('what only observes, what nobody asks for, and what others could read or replace', () => {
    assert.deepEqual(warningsOf(one, '{ jwt: true, mode: observe }'), ['routes[0].auth.mode'])
    assert.deepEqual(warningsOf(one, 'false'), ['security.jwt'])
    assert.deepEqual(warningsOf(`{ used: ${bySecret}, left: ${bySecret} }`, '{ jwt: used }'), ['security.jwt.left'])
    assert.deepEqual(warningsOf('{ jwks: https://a }', 'jwt'), ['security.jwt'])
    assert.deepEqual(warningsOf('{ jwks: http://a, audience: b }', 'jwt'), ['security.jwt.jwks'])
    assert.deepEqual(warningsOf('{ jwks: http://127.0.0.1:1, audience: b }', 'jwt'), [])
    assert.deepEqual(warningsOf(`{ secret: ${secret}, query: t }`, 'jwt'), ['security.jwt.query'])
    assert.deepEqual(warningsOf(`{ secret: ${secret}, cookie: t, header: false }`, 'jwt'), ['security.jwt.cookie'])
  })
})
