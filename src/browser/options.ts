import Type from 'typebox'
import { Age, Text } from '../model/option-types.ts'

const Cors = Type.Object({
  origins: Type.Array(Text('web-origin'), {
    minItems: 1,
    description:
      'The origins whose pages may use the route, such as https://app.example or https://*.example.com; * is every one.'
  }),
  methods: Type.Optional(
    Type.Array(Text('any-method'), {
      description:
        'The methods that they may use; * is every one; absent: those of the route, or GET, HEAD, POST, PUT, PATCH and DELETE.'
    })
  ),
  headers: Type.Optional(
    Type.Array(Text('header-name'), { description: 'The headers that they may send; absent: whichever they ask for.' })
  ),
  exposed: Type.Optional(
    Type.Array(Text('header-name'), { default: [], description: 'The headers of answers that their scripts may read.' })
  ),
  credentials: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether browsers may send cookies and other credentials with them.' })
  ),
  maxAge: Type.Optional(
    Age({ description: 'How long a browser may remember the answer to its question; absent: as long as it does by itself.' })
  )
})

/** Cross-origin resource sharing (the Fetch standard). False: what the upstream says of it passes as it is. */
export const CorsOptions = Type.Union([Type.Literal(false), Cors], {
  default: false,
  description:
    'Which pages of other origins may use the route; preflights are answered here, and what the upstream says of it is replaced.'
})

const Hsts = Type.Object({
  maxAge: Type.Optional(
    Age({ default: '365d', description: 'How long browsers use https alone for the host, once they have read it.' })
  ),
  includeSubDomains: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether that is so for every name below it too.' })
  ),
  preload: Type.Optional(Type.Boolean({ default: false, description: 'Whether browsers may ship with it.' }))
})

const SecurityHeaders = Type.Object({
  contentSecurityPolicy: Type.Optional(
    Text('header-value', { description: 'The Content-Security-Policy of answers; absent: none, since it has to fit the pages.' })
  ),
  hsts: Type.Optional(
    Type.Union([Type.Literal(false), Hsts], {
      default: {},
      description: 'Strict-Transport-Security, on https alone; false: none.'
    })
  ),
  frameOptions: Type.Optional(
    Type.Enum(['deny', 'sameorigin', 'off'], {
      default: 'sameorigin',
      description: 'X-Frame-Options: who may show it in a frame.'
    })
  ),
  referrerPolicy: Type.Optional(
    Type.Enum(
      ['no-referrer', 'same-origin', 'strict-origin', 'strict-origin-when-cross-origin', 'origin', 'no-referrer-when-downgrade'],
      { default: 'no-referrer', description: 'Referrer-Policy: what other servers are told of where a visitor comes from.' }
    )
  ),
  resourcePolicy: Type.Optional(
    Type.Enum(['same-origin', 'same-site', 'cross-origin'], {
      default: 'same-origin',
      description: 'Cross-Origin-Resource-Policy: whose pages may embed it.'
    })
  ),
  openerPolicy: Type.Optional(
    Type.Enum(['same-origin', 'same-origin-allow-popups', 'unsafe-none'], {
      default: 'same-origin',
      description: 'Cross-Origin-Opener-Policy: whose windows share a process with it.'
    })
  )
})

/** Fields that tell browsers to be careful. True is the mapping with its defaults. */
export const SecurityHeadersOptions = Type.Union([Type.Boolean(), SecurityHeaders], {
  default: false,
  description:
    'Fields that tell browsers to be careful with answers, as the package helmet has them, where the upstream does not say them itself; true: with the defaults.'
})

const Csrf = Type.Object({
  cookie: Type.Optional(
    Text('name', { default: 'XSRF-TOKEN', description: 'The cookie that the gateway sets, for scripts of the page to read.' })
  ),
  header: Type.Optional(
    Text('header-name', { default: 'x-xsrf-token', description: 'The header in which they send back what it holds.' })
  ),
  origins: Type.Optional(
    Type.Array(Text('web-origin'), {
      default: [],
      description: 'Other origins whose pages may send such requests, without the token, which they cannot read.'
    })
  )
})

/** Requests that another site has a browser send with its cookies. True is the mapping with its defaults. */
export const CsrfOptions = Type.Union([Type.Boolean(), Csrf], {
  default: false,
  description:
    'Refuses requests that change something and come from a page of another origin, or have a cookie and not the token; true: with the defaults.'
})
