import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeClock } from '../../src/testing.ts'
import { answered, attempt, refused } from '../unit/fixtures/attempts.ts'
import { running, shop } from './running.ts'

interface Family {
  readonly type: string
  readonly samples: { readonly name: string; readonly labels: Readonly<Record<string, string>>; readonly value: number }[]
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy

/** Reads the text format of Prometheus. Fails on a line that is none, and a sample that no TYPE announces. */
function parsed(text: string): Map<string, Family> {
  const families = new Map<string, Family>()
  for (const line of text.trimEnd().split('\n')) {
    if (line === '' || line.startsWith('# HELP ')) continue
    const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line)
    if (type !== null) {
      const [, name = '', kind = ''] = type
      assert.ok(!families.has(name), `${name} is announced twice`)
      families.set(name, { type: kind, samples: [] })
      continue
    }
    const sample = sampleLine.exec(line)
    assert.ok(sample !== null, `a sample: ${line}`)
    const [, name = '', pairs = '', value = ''] = sample
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''))
    assert.ok(family !== undefined, `${name} is announced`)
    family.samples.push({ name, labels: labelsOf(pairs), value: Number(value.replace('+Inf', 'Infinity')) })
  }
  return families
}

function labelsOf(pairs: string): Record<string, string> {
  const found = [...pairs.matchAll(labelPair)]
  assert.equal(found.map(([pair]) => pair).join(''), pairs, 'labels are pairs')
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, value]))
}

describe('probes', () => {
  test('say that the process can answer, and whether it takes requests', async t => {
    const state = { ready: false }
    const { admin } = await running(t, shop, { isReady: () => state.ready })
    assert.equal((await admin.inject('/livez')).statusCode, 200)
    assert.equal((await admin.inject('/readyz')).statusCode, 503)
    state.ready = true
    assert.equal((await admin.inject('/readyz')).statusCode, 200)
  })

  test('do not depend on who asks', async t => {
    const { admin } = await running(t, shop)
    const headers = { host: 'evil.test', origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' }
    for (const url of ['/livez', '/readyz', '/metrics']) assert.equal((await admin.inject({ url, headers })).statusCode, 200, url)
  })

  test('do not depend on upstreams', async t => {
    const { admin } = await running(t, shop)
    for (const target of ['10.0.0.1:3000', 'second']) {
      const drained = await admin.inject({
        method: 'POST',
        url: `/api/upstreams/shop/targets/${target}/drain`,
        headers: { host: 'localhost' }
      })
      assert.equal(drained.statusCode, 200)
    }
    assert.equal((await admin.inject('/readyz')).statusCode, 200)
  })
})

describe('GET /metrics', () => {
  const labels: Record<string, readonly string[]> = {
    evergate_requests_total: ['method', 'route', 'status'],
    evergate_request_duration_seconds: ['route'],
    evergate_attempts_total: ['outcome', 'target', 'upstream'],
    evergate_attempt_duration_seconds: ['target', 'upstream'],
    evergate_retries_total: ['reason', 'upstream'],
    evergate_target_eligible: ['target', 'upstream'],
    evergate_breaker_state: ['target', 'upstream'],
    evergate_in_flight: ['upstream'],
    evergate_panic: ['upstream'],
    evergate_added_seconds: ['route'],
    evergate_config_info: ['revision']
  }

  test('is text that Prometheus reads, under the names that are documented', async t => {
    const { admin } = await running(t, shop)
    const response = await admin.inject('/metrics')
    assert.match(String(response.headers['content-type']), /^text\/plain; version=0\.0\.4/)
    const families = parsed(response.body)
    for (const [name, { type }] of families) {
      if (!name.startsWith('evergate_')) continue
      assert.equal(type === 'counter', name.endsWith('_total'), name)
      // An instant, as Prometheus has it.
      if (name !== 'evergate_certificate_expiry_seconds') assert.equal(type === 'histogram', name.endsWith('_seconds'), name)
    }
    for (const name of Object.keys(labels)) assert.ok(families.has(name), name)
    assert.ok(families.has('process_cpu_seconds_total') && families.has('nodejs_eventloop_lag_seconds'), 'Node’s own')
  })

  test('has the labels that are documented, and histograms that add up', async t => {
    const { admin, app, registry } = await running(t, shop)
    const group = registry.group('shop')
    const [target] = group.targets
    assert.ok(target !== undefined)
    for (const observer of group.observers) {
      for (const outcome of [answered(200), refused]) {
        const made = attempt(target, 0, outcome, 30)
        observer.started?.(made, 0)
        observer.ended?.(made, 30)
      }
      observer.retried?.('refused')
    }
    assert.equal((await app.inject('/nowhere')).statusCode, 404)
    const families = parsed((await admin.inject('/metrics')).body)
    for (const [name, expected] of Object.entries(labels)) {
      const family = families.get(name)
      // Nothing was forwarded, so that nothing was added.
      if (name === 'evergate_added_seconds') continue
      assert.ok(family !== undefined && family.samples.length > 0, `${name} has samples`)
      for (const { labels: found } of family.samples) {
        assert.deepEqual(
          Object.keys(found)
            .filter(label => label !== 'le')
            .sort(),
          expected,
          name
        )
      }
      if (family.type === 'histogram') assertAddsUp(name, family)
    }
    const requests = families.get('evergate_requests_total')?.samples.map(({ labels: { route, method } }) => `${route} ${method}`)
    assert.deepEqual(requests, ['none GET'])
  })

  function assertAddsUp(name: string, { samples }: Family): void {
    const buckets = samples.filter(sample => sample.name === `${name}_bucket`)
    const count = samples.find(sample => sample.name === `${name}_count`)
    assert.ok(
      buckets.every(({ value }, index) => value >= (buckets[index - 1]?.value ?? 0)),
      `the buckets of ${name} grow`
    )
    assert.deepEqual([buckets.at(-1)?.labels['le'], buckets.at(-1)?.value], ['+Inf', count?.value])
  }

  test('says who may get traffic, and what runs', async t => {
    const { admin, config, registry } = await running(t, shop, { clock: fakeClock() })
    const value = async (name: string) => {
      const found = parsed((await admin.inject('/metrics')).body).get(name)?.samples ?? []
      return Object.fromEntries(
        found.map(sample => [sample.labels['target'] ?? sample.labels['upstream'] ?? sample.labels['revision'], sample.value])
      )
    }
    assert.deepEqual(await value('evergate_target_eligible'), { '10.0.0.1:3000': 1, second: 1 })
    await admin.inject({ method: 'POST', url: '/api/upstreams/shop/targets/second/drain', headers: { host: 'localhost' } })
    assert.deepEqual(await value('evergate_target_eligible'), { '10.0.0.1:3000': 1, second: 0 })
    assert.deepEqual(await value('evergate_breaker_state'), { '10.0.0.1:3000': 0, second: 0 })
    assert.deepEqual(await value('evergate_config_info'), { [config.revision]: 1 })

    const group = registry.group('shop')
    const [target] = group.targets
    assert.ok(target !== undefined)
    for (const observer of group.observers) observer.started?.(attempt(target, 0), 0)
    assert.deepEqual(await value('evergate_in_flight'), { shop: 1 })
    assert.deepEqual(await value('evergate_panic'), { shop: 0 })
    assert.deepEqual(await value('evergate_concurrency_limit'), {}, 'it has no limit')
  })
})
