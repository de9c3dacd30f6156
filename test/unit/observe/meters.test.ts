import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Exchange } from '../../../src/model/exchange.ts'
import { BucketHistogram } from '../../../src/observe/bucket-histogram.ts'
import { Counters } from '../../../src/observe/counters.ts'
import { counterMetric, gaugeMetric, histogramMetric } from '../../../src/observe/exposition.ts'
import { Meters } from '../../../src/observe/meters.ts'
import { defaultBuckets } from '../../../src/observe/options.ts'
import { answered, attempt, refused } from '../fixtures/attempts.ts'
import { group } from '../fixtures/groups.ts'
import { route } from '../fixtures/routes.ts'
import { target } from '../fixtures/targets.ts'

describe('a histogram', () => {
  test('counts how many were at most each bound, and all of them at the end', () => {
    const histogram = new BucketHistogram([0.1, 0.5, 1])
    for (const seconds of [0, 0.1, 0.11, 0.5, 0.9, 1, 1.01, 99]) histogram.observe(seconds)
    assert.deepEqual(histogram.cumulative(), [
      { le: 0.1, count: 2 },
      { le: 0.5, count: 4 },
      { le: 1, count: 6 },
      { le: Number.POSITIVE_INFINITY, count: 8 }
    ])
    assert.ok(Math.abs(histogram.sum - 102.62) < 1e-9)
  })

  test('is all zeros at first', () => {
    assert.deepEqual(new BucketHistogram([1]).cumulative(), [
      { le: 1, count: 0 },
      { le: Number.POSITIVE_INFINITY, count: 0 }
    ])
  })

  test('has bounds that ascend, from a millisecond to ten seconds', () => {
    assert.deepEqual(
      [...defaultBuckets].sort((one, other) => one - other),
      defaultBuckets
    )
    assert.deepEqual([defaultBuckets[0], defaultBuckets.at(-1)], [0.001, 10])
  })
})

describe('counters', () => {
  test('count each combination of values for itself', () => {
    const counters = new Counters(['route', 'method', 'status'])
    counters.add('/a', 'GET', '200')
    counters.add('/a', 'GET', '200')
    counters.add('/a', 'GET', '404')
    counters.add('/a', 'POST', '200')
    counters.add('GET', '/a', '200')
    assert.deepEqual(counters.entries(), [
      { values: ['/a', 'GET', '200'], count: 2 },
      { values: ['/a', 'GET', '404'], count: 1 },
      { values: ['/a', 'POST', '200'], count: 1 },
      { values: ['GET', '/a', '200'], count: 1 }
    ])
  })

  test('take two labels as well, and any value', () => {
    const counters = new Counters(['upstream', 'reason'])
    counters.add('', 'constructor')
    counters.add('', 'constructor')
    assert.deepEqual(counters.entries(), [{ values: ['', 'constructor'], count: 2 }])
    assert.deepEqual(new Counters(['a', 'b']).entries(), [])
  })
})

describe('a metric is read when somebody asks', () => {
  test('a counter by its labels', () => {
    const counters = new Counters(['a', 'b'])
    const metric = counterMetric('x_total', 'Help.', counters)
    assert.deepEqual([metric.name, metric.help, metric.type, metric.samples()], ['x_total', 'Help.', 'counter', []])
    counters.add('1', '2')
    assert.deepEqual(metric.samples(), [{ value: 1, labels: { a: '1', b: '2' } }])
  })

  test('a gauge as it is given', () => {
    const samples = [{ value: 2, labels: {} }]
    assert.deepEqual(gaugeMetric('x', 'Help.', () => samples).samples(), samples)
  })

  test('a histogram by bucket, sum and count', () => {
    const histogram = new BucketHistogram([0.5])
    histogram.observe(0.25)
    histogram.observe(4)
    const metric = histogramMetric('x_seconds', 'Help.', () => [[{ route: '/a' }, histogram]])
    assert.deepEqual(metric.samples(), [
      { metricName: 'x_seconds_bucket', labels: { route: '/a', le: 0.5 }, value: 1 },
      { metricName: 'x_seconds_bucket', labels: { route: '/a', le: '+Inf' }, value: 2 },
      { metricName: 'x_seconds_sum', labels: { route: '/a' }, value: 4.25 },
      { metricName: 'x_seconds_count', labels: { route: '/a' }, value: 2 }
    ])
  })
})

describe('the meters', () => {
  const [a, b] = [target('a'), target('b')]
  const own = group('orders', [a, b])

  /** The samples of a metric as text, one a line, without buckets. */
  function shown(meters: Meters, name: string): string[] {
    const metric = meters.metrics().find(each => each.name === name)
    assert.ok(metric !== undefined, name)
    return metric
      .samples()
      .filter(({ metricName = '' }) => !metricName.endsWith('_bucket'))
      .map(
        ({ metricName = name, labels, value }) =>
          `${metricName} ${Object.values(labels).join(' ')} ${Math.round(value * 1e6) / 1e6}`
      )
  }

  test('count requests by route, method and status, and their time', () => {
    const meters = new Meters([1])
    meters.request('/a', 'GET', 200, 250, null)
    meters.request('/a', 'GET', 200, 750, null)
    meters.request('none', 'POST', 404, 1, null)
    assert.deepEqual(shown(meters, 'evergate_requests_total'), [
      'evergate_requests_total /a GET 200 2',
      'evergate_requests_total none POST 404 1'
    ])
    assert.deepEqual(shown(meters, 'evergate_request_duration_seconds').slice(0, 2), [
      'evergate_request_duration_seconds_sum /a 1',
      'evergate_request_duration_seconds_count /a 2'
    ])
    assert.deepEqual(shown(meters, 'evergate_added_seconds'), [], 'nothing is added to what was not forwarded')
  })

  test('tell what the gateway added from what targets and the client took', () => {
    const meters = new Meters([1])
    const exchange = new Exchange('r1', route('/a'), own, '/a', '', 1000)
    exchange.receiveMs = 100
    exchange.attempts.push(attempt(a, 1110, refused, 1140), { ...attempt(b, 1150, answered(200)), endedAt: 9000 })
    exchange.answeredAt = 1200
    meters.request('/a', 'GET', 200, 8000, exchange)
    // 200 ms until the answer began: 100 to receive, 30 and 50 at targets.
    assert.deepEqual(shown(meters, 'evergate_added_seconds'), [
      'evergate_added_seconds_sum /a 0.02',
      'evergate_added_seconds_count /a 1'
    ])
  })

  test('never show less than nothing as added', () => {
    const meters = new Meters([1])
    const exchange = new Exchange('r1', route('/a'), own, '/a', '', 1000)
    exchange.receiveMs = 500
    exchange.answeredAt = 1100
    meters.request('/a', 'GET', 200, 100, exchange)
    assert.deepEqual(shown(meters, 'evergate_added_seconds')[0], 'evergate_added_seconds_sum /a 0')
  })

  test('count attempts by what they came to, and retries by why', () => {
    const meters = new Meters([1])
    const observer = meters.observer('orders')
    observer.ended?.(attempt(a, 0, refused, 10), 10)
    observer.ended?.({ ...attempt(b, 10, answered(200), 900), answeredAt: 40 }, 900)
    observer.ended?.({ ...attempt(b, 10), answeredAt: undefined }, 50)
    observer.retried?.('refused')
    assert.deepEqual(shown(meters, 'evergate_attempts_total'), [
      'evergate_attempts_total orders a refused 1',
      'evergate_attempts_total orders b 200 1',
      'evergate_attempts_total orders b aborted 1'
    ])
    assert.deepEqual(shown(meters, 'evergate_attempt_duration_seconds'), [
      'evergate_attempt_duration_seconds_sum orders a 0.01',
      'evergate_attempt_duration_seconds_count orders a 1',
      'evergate_attempt_duration_seconds_sum orders b 0.07',
      'evergate_attempt_duration_seconds_count orders b 2'
    ])
    assert.deepEqual(shown(meters, 'evergate_retries_total'), ['evergate_retries_total orders refused 1'])
  })

  test('name counters with _total and distributions of times with _seconds', () => {
    for (const { name, type, help } of new Meters([1]).metrics()) {
      const unit = { counter: /^evergate_\w+_total$/, histogram: /^evergate_\w+_seconds$/, gauge: /^evergate_\w+$/ }[type]
      assert.match(name, unit)
      assert.match(help, /\.$/)
    }
  })
})
