// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references to the environment are written like this
import assert from 'node:assert/strict'
import test from 'node:test'
import { configOf, problemsOf, small } from './reading.ts'

test('a reference is replaced by the variable, or by its default where that is unset or empty', () => {
  const text =
    "upstreams: { api: { targets: ['http://${HOST}:${PORT:-3000}', 'http://${EMPTY:-b}'] } }\nroutes: [{ prefix: /, upstream: api }]\n"
  const urls = configOf(text, { HOST: 'a', EMPTY: '' }).upstreams[0]?.targets.map(({ url }) => url)
  assert.deepEqual(urls, ['http://a:3000', 'http://b'])
})

test('a value that is one reference is a number or a boolean where one is expected, and a text elsewhere', () => {
  const text = `
listen: \${PORT:-8080}
admin: { token: "\${TOKEN}" }
logging: { access: "\${ACCESS:-false}" }
upstreams: { api: { targets: [{ url: http://a, weight: "\${WEIGHT}" }], tls: { verify: "\${VERIFY:-TRUE}" } } }
routes: [{ prefix: /, upstream: api, query: { v: "\${TOKEN}" } }]
plugins: [{ use: x, options: { n: "\${WEIGHT}", b: "\${VERIFY:-true}", t: "a\${WEIGHT}" } }]
`
  const config = configOf(text, { TOKEN: '12345', WEIGHT: '7' })
  assert.equal(config.listen[0]?.port, 8080)
  assert.deepEqual(config.admin, { host: '127.0.0.1', port: 9901, token: '12345' })
  assert.equal(config.logging.access, false)
  assert.equal(config.upstreams[0]?.targets[0]?.weight, 7)
  assert.equal(config.upstreams[0]?.tls.verify, true)
  assert.deepEqual(config.routes[0]?.query, { v: '12345' })
  assert.deepEqual(config.plugins[0]?.options, { n: 7, b: true, t: 'a7' })
})

test('an unset variable and a broken reference are problems at their place', () => {
  const text = `${small}admin: { token: "\${TOKEN}" }\nlogging: { redact: ['\${', '\${A-b}', '$\${A}', '$A'] }\n`
  assert.deepEqual(problemsOf(text), [
    'g.yaml:3:17  admin.token  the environment has no TOKEN; set it, or write ${TOKEN:-default}',
    'g.yaml:4:21  logging.redact[0]  "${" begins no reference; accepted: ${NAME}, ${NAME:-default}, or $${ for the characters themselves',
    'g.yaml:4:27  logging.redact[1]  "${" begins no reference; accepted: ${NAME}, ${NAME:-default}, or $${ for the characters themselves'
  ])
})

test('$${ stands for the characters themselves', () => {
  assert.deepEqual(configOf(`${small}logging: { redact: ['$\${A}', '$A'] }\n`).logging.redact, ['${A}', '$A'])
})

test('a value of the environment is checked like any other', () => {
  const text = `${small}timeouts: { headers: "\${HEADERS}" }\ndrain: { finish: "\${FINISH}" }\n`
  const units = 'a number with a unit: ms, s, m, h, d, such as 250ms or 5s'
  assert.deepEqual(problemsOf(text, { HEADERS: '5', FINISH: 'soon' }), [
    `g.yaml:3:22  timeouts.headers  5 is no duration; accepted: ${units}`,
    `g.yaml:4:18  drain.finish  "soon" is no duration; accepted: ${units}`
  ])
})

test('a reference inside braces without quotes is told as what it is', () => {
  assert.deepEqual(problemsOf(`${small}admin: { token: \${TOKEN} }\nlogging: [`), [
    'g.yaml:3:18  Unexpected flow-map-start at node end; inside { } and [ ] a reference to the environment stands in quotes: "${NAME}"'
  ])
})
