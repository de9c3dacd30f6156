import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from 'node:test'
import { parseConfig } from '../../config/parse.ts'
import { formatProblem } from '../../config/problem.ts'
import { upstream } from '../../src/testing.ts'
import { ask } from '../support/ask.ts'
import { selfSigned } from '../support/certificate.ts'
import { evergate } from '../support/evergate.ts'
import { temporary } from '../support/temporary.ts'

/** Stands in every secret: wherever it is found outside, one has got out. */
const mark = 'MARKED-SECRET'

test('nothing that the gateway says has a secret of its configuration, or of a request', async t => {
  const service = await upstream(t)
  const { key, cert } = selfSigned('gateway.test')
  const pem = key.split('\n')[1] ?? ''
  const { url, adminUrl, child, log, exited } = await evergate(
    t,
    {
      drain: { notReady: 0, finish: '1s' },
      admin: { address: '127.0.0.1:0', token: { file: 'token' } },
      upstreams: {
        plain: { targets: [service.url] },
        down: { targets: ['https://127.0.0.1:1'], tls: { key, cert } }
      },
      routes: [
        {
          prefix: '/plain',
          upstream: 'plain',
          headers: { 'x-api-key': `${mark}-predicate` },
          transform: {
            request: { set: { authorization: `Bearer ${mark}-set` }, add: { cookie: `session=${mark}-cookie` } },
            response: { set: { 'x-secret-answer': 'seen' } }
          }
        },
        { prefix: '/down', upstream: 'down' },
        { prefix: '/plugin', upstream: 'plain', plugins: ['failing'] }
      ],
      security: {
        apiKeys: { file: 'keys.yaml', query: 'shop' },
        jwt: { secret: `${mark}-that-is-as-long-as-the-hash-of-a-token`, query: 'of whom' }
      },
      plugins: [
        {
          use: './failing.mjs',
          name: 'failing',
          routes: 'named',
          options: { password: `${mark}-plugin`, deep: { tokens: [`${mark}-list`] } }
        }
      ]
    },
    {
      token: `${mark}-admin\n`,
      'keys.yaml': 'keys: {}',
      'failing.mjs': `export default Object.assign(async app => {
        app.addHook('preHandler', async () => { throw new Error('broken') })
      }, { [Symbol.for('skip-override')]: true })`
    }
  )
  const said: string[] = []
  const hear = async (from: string, headers: Record<string, string> = {}) => {
    const { text, rawHeaders } = await ask(from, { headers })
    said.push(text, rawHeaders.join('\n'))
  }
  const shown = { authorization: `Bearer ${mark}-client`, cookie: `a=${mark}-client`, 'x-api-key': `${mark}-client` }
  await hear(`${url}/plain?access_token=${mark}-query&api_key=${mark}-query`, { ...shown, 'x-api-key': `${mark}-predicate` })
  // Parameters whose names say nothing, as the configuration has them.
  await hear(`${url}/nobody?shop=${mark}-key&of+whom=${mark}-token`)
  for (const target of ['/plain', '/down', '/plugin', '/nobody', '/%zz'])
    await hear(`${url}${target}?password=${mark}-query`, shown)
  await hear(`${adminUrl}/api/config`, { authorization: `Bearer ${mark}-wrong` })
  const operator = { authorization: `Bearer ${mark}-admin` }
  for (const each of ['config', 'routes', 'upstreams', 'explain?url=/plain', 'nothing'])
    await hear(`${adminUrl}/api/${each}`, operator)
  await hear(`${adminUrl}/metrics`)
  assert.equal(service.requests[0]?.headers.authorization, `Bearer ${mark}-set`)
  child.kill('SIGTERM')
  await exited
  assert.ok(log.filter(({ msg }) => msg === 'request').length >= 6)
  for (const text of [...said, ...log.map(line => JSON.stringify(line))]) {
    assert.ok(!text.includes(mark), text)
    assert.ok(!text.includes(pem) && !text.includes('BEGIN PRIVATE KEY'), text)
  }
})

test('what is wrong with a configuration is said without the secrets in it', async t => {
  const directory = await temporary(t)
  await writeFile(path.join(directory, 'secret'), `${mark}-file`)
  const parsed = parseConfig(
    {
      admin: { address: `$${'{ADDRESS}'}`, token: { file: 'secret', [`${mark}`.toLowerCase()]: 1 } },
      upstreams: {
        a: { targets: [`http://user:${mark}-url@a.test`], tls: { key: { file: 'secret' }, cert: `${mark}\n${mark}` } }
      },
      routes: [{ prefix: '/', upstream: 'a', transform: { request: { set: { authorization: `${mark}\n` } } } }]
    } as never,
    { directory, env: { ADDRESS: 'nonsense' } }
  )
  assert.ok(!parsed.ok && parsed.problems.length >= 4)
  for (const problem of parsed.problems) assert.ok(!formatProblem(problem).includes(mark), formatProblem(problem))
})
