import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { readOrca } from '../../../src/telemetry/orca.ts'

describe('the load report in a response header', () => {
  const good: readonly [string, object][] = [
    ['TEXT cpu_utilization=0.3,mem_utilization=0.8,rps_fractional=10', { cpu: 0.3, memory: 0.8 }],
    ['TEXT cpu_utilization:0.3, mem_utilization : 0.8', { cpu: 0.3, memory: 0.8 }],
    ['text mem_utilization=8e-1', { memory: 0.8 }],
    ['TEXT cpu_utilization=1.7', { cpu: 1 }],
    ['TEXT application_utilization=0.4', { cpu: 0.4 }],
    ['TEXT application_utilization=0.4,cpu_utilization=0.2', { cpu: 0.2 }],
    ['TEXT cpu_utilization=oops,mem_utilization=0.5,,=,named_metrics.kv_cache=0.1', { memory: 0.5 }],
    ['JSON {"cpu_utilization":0.3,"mem_utilization":0.8,"named_metrics":{"a":1}}', { cpu: 0.3, memory: 0.8 }],
    ['JSON {"cpuUtilization":0.3,"memUtilization":0}', { cpu: 0.3, memory: 0 }],
    ['JSON {"cpu_utilization":"0.3","mem_utilization":0.5}', { memory: 0.5 }]
  ]
  for (const [header, vector] of good) test(header, () => assert.deepEqual(readOrca(header), vector))

  const useless = [
    '',
    'TEXT',
    'TEXT ',
    'JSON',
    'JSON {',
    'JSON null',
    'JSON 3',
    'JSON []',
    'JSON {}',
    'BIN CZqZmZmZmbk/',
    'cpu_utilization=0.3',
    'TEXT rps_fractional=10',
    'TEXT cpu_utilization=-0.1',
    'TEXT cpu_utilization=NaN',
    'TEXT cpu_utilization=1e999',
    'JSON {"cpu_utilization":1e999}',
    'JSON {"cpu_utilization":-1}',
    `TEXT cpu_utilization=0.3,${'x'.repeat(5000)}`
  ]
  for (const header of useless) {
    test(`nothing in ${header.slice(0, 40) || 'an empty header'}`, () => assert.equal(readOrca(header), undefined))
  }
})
