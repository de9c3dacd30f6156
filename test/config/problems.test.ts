import assert from 'node:assert/strict'
import test from 'node:test'
import { problemsOf, small } from './reading.ts'

const units = 'a number with a unit: ms, s, m, h, d, such as 250ms or 5s'
const origin = 'scheme, host and port alone, such as http://10.0.0.1:3000, or a socket such as unix:/run/app.sock'

const golden: readonly [string, string, readonly string[]][] = [
  [
    'an unknown key, with the nearest one',
    'upstreams:\n  api:\n    targets: [http://a:1]\n    ballance: random\nroutes: [{ prefix: /, upstream: api }]\n',
    [
      'g.yaml:4:5  upstreams.api.ballance  unknown key; did you mean balance? accepted: targets, balance, health, outliers, breaker, retry, hedge, failover, slowStart, limits, timeouts, tls, protocol'
    ]
  ],
  [
    'an unknown key of a target, which may also be a text',
    'upstreams: { api: { targets: [{ url: http://a:1, wieght: 3 }] } }\nroutes: [{ prefix: /, upstream: api }]\n',
    [
      'g.yaml:1:50  upstreams.api.targets[0].wieght  unknown key; did you mean weight? accepted: url, weight, tier, zone, id, tags, labels'
    ]
  ],
  [
    'a missing key',
    'upstreams: { api: { targets: [{ weight: 2 }] } }\nroutes: [{ upstream: api }]\n',
    [
      `g.yaml:1:31  upstreams.api.targets[0].url  is missing; accepted: ${origin}`,
      'g.yaml:2:10  routes[0].prefix  is missing; accepted: a path that begins with /, such as /orders'
    ]
  ],
  [
    'durations, sizes and shares',
    `${small}timeouts: { headers: 5 parsecs, request: 10, keepAlive: 0 }\ndrain: { finish: 30d }\ndefaults: { body: { max: 10 mb }, retry: { budget: 2 } }\n`,
    [
      `g.yaml:3:22  timeouts.headers  "5 parsecs" is no duration; accepted: ${units}`,
      `g.yaml:3:42  timeouts.request  10 is no duration; accepted: ${units}`,
      `g.yaml:3:57  timeouts.keepAlive  0 is too short; accepted: more than 0, ${units}`,
      `g.yaml:4:18  drain.finish  "30d" is no duration; accepted: ${units}`,
      'g.yaml:5:26  defaults.body.max  "10 mb" is no size; accepted: a number with a unit: b, kb, mb, gb, such as 64kb or 10mb',
      'g.yaml:5:52  defaults.retry.budget  2 is not accepted here; accepted: a number from 0 to 1'
    ]
  ],
  [
    'values of the wrong kind',
    `${small}trustProxy: 10.0.0.0/8\nlogging: { access: yes, level: inof }\nmetrics: { buckets: [1, 1] }\nplugins: { use: x }\n`,
    [
      'g.yaml:3:13  trustProxy  "10.0.0.0/8" is not accepted here; accepted: a list, each an IP address, or a network such as 10.0.0.0/8',
      'g.yaml:4:20  logging.access  "yes" is not accepted here; accepted: true or false',
      'g.yaml:4:32  logging.level  "inof" is unknown; did you mean info? accepted: fatal, error, warn, info, debug, trace, silent',
      'g.yaml:5:25  metrics.buckets[1]  is not above the one before; accepted: seconds in ascending order',
      'g.yaml:6:10  plugins  a mapping is not accepted here; accepted: a list, each a mapping with use, name, options, routes'
    ]
  ],
  [
    'an empty value, at its key',
    `${small}timeouts:\n  headers:\n`,
    [`g.yaml:4:3  timeouts.headers  an empty value is not accepted here; accepted: ${units}`]
  ],
  [
    'addresses and networks',
    `listen: [8080, ":8080", localhost]\nadmin: 127.0.0.1:8080\ntrustProxy: [10.0.0.0/40, here]\n${small}`,
    [
      'g.yaml:1:16  listen[1]  0.0.0.0:8080 is there twice',
      'g.yaml:1:25  listen[2]  "localhost" is no address to listen on; accepted: host:port, such as 127.0.0.1:8080, [::1]:8080 or :8080 for every address',
      'g.yaml:2:8  admin  port 8080 is taken by listen; accepted: another port, or false',
      'g.yaml:3:14  trustProxy[0]  "10.0.0.0/40" is no address or network; accepted: an IP address, or a network such as 10.0.0.0/8',
      'g.yaml:3:27  trustProxy[1]  "here" is no address or network; accepted: an IP address, or a network such as 10.0.0.0/8'
    ]
  ],
  [
    'targets that are no origins, and never a password',
    'upstreams: { api: { targets: [http://a/x, "http://a?q", "http://u:pw@a", ftp://a, a:80, http://a:0] } }\nroutes: [{ prefix: /, upstream: api }]\n',
    [
      `g.yaml:1:31  upstreams.api.targets[0]  "http://a/x" has the path /x; accepted: ${origin}`,
      `g.yaml:1:43  upstreams.api.targets[1]  "http://a?q" has a query; accepted: ${origin}`,
      `g.yaml:1:57  upstreams.api.targets[2]  "http://***@a" has a user or password; accepted: ${origin}`,
      `g.yaml:1:74  upstreams.api.targets[3]  "ftp://a" has the scheme ftp; accepted: ${origin}`,
      `g.yaml:1:83  upstreams.api.targets[4]  "a:80" has the scheme a; accepted: ${origin}`,
      `g.yaml:1:89  upstreams.api.targets[5]  "http://a:0" has port 0; accepted: ${origin}`
    ]
  ],
  [
    'targets that are there twice, and none',
    'upstreams:\n  a: { targets: [http://h, "http://h:80/"] }\n  b: { targets: [{ url: http://h, id: x }, { url: http://i, id: x }] }\n  c: { targets: [] }\n  d: {}\nroutes: [{ prefix: /, split: { a: 1, b: 1, c: 1, d: 1 } }]\n',
    [
      'g.yaml:2:28  upstreams.a.targets[1]  targets[0] has the URL http://h too; accepted: each URL once in a group',
      'g.yaml:3:44  upstreams.b.targets[1]  targets[0] has the id x too; accepted: an id of its own',
      'g.yaml:4:17  upstreams.c.targets  is empty; accepted: at least one URL',
      'g.yaml:5:6  upstreams.d  has no targets; accepted: targets with at least one URL'
    ]
  ],
  [
    'groups and plugins that are not there',
    'upstreams: { api: { targets: [http://a] }, web: { targets: [http://b] } }\nplugins: [{ use: one }, { use: one }]\nroutes:\n  - { prefix: /a, upstream: ap, plugins: [on] }\n  - { prefix: /b, split: { api: 1, wbe: 1 } }\n',
    [
      'g.yaml:2:25  plugins[1]  plugins[0] has the name one too; accepted: a name of its own',
      'g.yaml:4:29  routes[0].upstream  no upstream is named "ap"; did you mean api? there are: api, web',
      'g.yaml:4:43  routes[0].plugins[0]  no plugin is named "on"; did you mean one? there are: one',
      'g.yaml:5:36  routes[1].split.wbe  no upstream is named "wbe"; did you mean web? there are: api, web'
    ]
  ],
  [
    'destinations of a route',
    'upstreams: { api: { targets: [http://a] } }\nroutes:\n  - { prefix: /a }\n  - { prefix: /b, upstream: api, split: { api: 1 } }\n  - { prefix: /c, split: { to: { api: 0 }, by: ip } }\n  - { prefix: /d, split: { to: { api: 1 }, by: moon } }\n',
    [
      'g.yaml:3:5  routes[0]  does not say where requests go; accepted: one of upstream, split, redirect, respond',
      'g.yaml:4:5  routes[1]  has upstream and split; accepted: one of upstream, split, redirect, respond',
      'g.yaml:5:32  routes[2].split.to  the shares sum to 0; accepted: at least one above 0',
      'g.yaml:6:48  routes[3].split.by  "moon" is no key of a client; accepted: ip, cookie:NAME, header:NAME or query:NAME'
    ]
  ],
  [
    'routes that match the same requests',
    `upstreams: { api: { targets: [http://a] } }
routes:
  - { prefix: /a, upstream: api, host: A.example, methods: [PUT, GET], headers: { X-A: '1' } }
  - { prefix: /a/, upstream: api, host: a.example., methods: [GET, PUT], headers: { x-a: '1' } }
  - { prefix: /a, upstream: api, host: a.example, methods: [GET] }
`,
    [
      'g.yaml:4:5  routes[1]  matches the same requests as routes[0] in line 3; accepted: another host, prefix or path, methods, headers or query'
    ]
  ],
  [
    'prefixes and hosts',
    `upstreams: { api: { targets: [http://a] } }
defaults: { upstream: api }
routes:
  - { prefix: a }
  - { prefix: /a/* }
  - { prefix: '/a?b' }
  - { prefix: '/a#b' }
  - { prefix: /a/%2e%2e/b }
  - { prefix: /a//b }
  - { prefix: /, host: 'a:80' }
  - { prefix: /r, rewrite: x }
`,
    [
      'g.yaml:4:15  routes[0].prefix  "a" does not begin with /; accepted: a path that begins with /, such as /orders',
      'g.yaml:5:15  routes[1].prefix  "/a/*" has a *; a prefix matches everything below it; accepted: a path that begins with /, such as /orders',
      'g.yaml:6:15  routes[2].prefix  "/a?b" has a query; accepted: a path that begins with /, such as /orders',
      'g.yaml:7:15  routes[3].prefix  "/a#b" has a fragment; accepted: a path that begins with /, such as /orders',
      'g.yaml:8:15  routes[4].prefix  "/a/%2e%2e/b" has a dot segment; accepted: a path that begins with /, such as /orders',
      'g.yaml:9:15  routes[5].prefix  "/a//b" can be read in more than one way; accepted: a path that begins with /, such as /orders',
      'g.yaml:10:24  routes[6].host  "a:80" is no host; accepted: a name without a port, such as api.example.com or *.example.com',
      'g.yaml:11:28  routes[7].rewrite  "x" does not begin with /; accepted: a path that begins with /, such as /orders'
    ]
  ],
  [
    'methods and headers, and never the value of a header',
    `upstreams: { api: { targets: [http://a] } }
routes:
  - prefix: /
    upstream: api
    methods: [get, TRACE]
    headers: { x-version: 2, 'x y': a, A: '1', a: '2' }
    transform: { request: { set: { x: "secret\\n" }, remove: [Content-Length] } }
    hostHeader: clent
`,
    [
      'g.yaml:5:15  routes[0].methods[0]  "get" is no method; did you mean GET? accepted: ACL, BIND, CHECKOUT, COPY, DELETE, GET, HEAD, LINK, LOCK, M-SEARCH, MERGE, MKACTIVITY and 21 more',
      'g.yaml:5:20  routes[0].methods[1]  "TRACE" is no method; accepted: ACL, BIND, CHECKOUT, COPY, DELETE, GET, HEAD, LINK, LOCK, M-SEARCH, MERGE, MKACTIVITY and 21 more',
      'g.yaml:6:27  routes[0].headers.x-version  a number is not accepted here; accepted: a text of one line (a number stands in quotes)',
      'g.yaml:6:37  routes[0].headers["x y"]  "x y" is no name of a header; accepted: letters, digits and -, such as x-tenant',
      'g.yaml:6:48  routes[0].headers.a  is there twice: a is written in the same letters above',
      'g.yaml:7:39  routes[0].transform.request.set.x  the value is no value of a header; accepted: a text of one line (a number stands in quotes)',
      'g.yaml:7:62  routes[0].transform.request.remove[0]  content-length belongs to the connection; accepted: any other header',
      'g.yaml:8:17  routes[0].hostHeader  "clent" is unknown; did you mean client? accepted: target, client'
    ]
  ],
  [
    'retries and bodies whose limits contradict each other, where they are written',
    `defaults: { retry: { backoff: [1s, 1ms] } }
upstreams: { a: { targets: [http://a], retry: { on: [conect, 700] } }, b: { targets: [http://b] } }
routes: [{ prefix: /, split: { a: 1, b: 1 }, body: { max: 1kb, buffer: 2kb }, retry: { budget: 1 } }]
`,
    [
      'g.yaml:1:31  defaults.retry.backoff  the first pause is longer than the longest; accepted: [the shortest, the longest]',
      'g.yaml:2:54  upstreams.a.retry.on[0]  "conect" is unknown; did you mean connect? accepted: connect, reset, timeout',
      'g.yaml:2:62  upstreams.a.retry.on[1]  700 is not accepted here; accepted: a status from 100 to 599',
      'g.yaml:3:72  routes[0].body.buffer  is above max; accepted: at most max',
      'g.yaml:3:88  routes[0].retry.budget  unknown key; accepted: attempts, on, backoff, unsafe'
    ]
  ],
  [
    'a configuration that is no mapping',
    '- a\n',
    ['g.yaml:1:1  is no configuration; accepted: a mapping with upstreams, routes and more']
  ],
  ['a key that is there twice', `${small}admin: false\nadmin: false\n`, ['g.yaml:4:1  Map keys must be unique']],
  ['YAML that is none', 'listen: [8080\nadmin: false\n', []]
]

for (const [what, text, expected] of golden) {
  test(`reports ${what}`, () => {
    const problems = problemsOf(text)
    if (expected.length > 0) assert.deepEqual(problems, expected)
    else assert.match(problems.join('\n'), /^g\.yaml:\d+:\d+ {2}\S/)
  })
}
