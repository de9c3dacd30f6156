import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { check } from '../../src/cli/check.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

type Service = {
  readonly build?: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: readonly string[]
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
}
type Compose = { readonly services: Readonly<Record<string, Service>>; readonly volumes: Readonly<Record<string, unknown>> }

// What is read of it is asserted below.
const compose = parse(readFileSync(`${root}docker-compose.yml`, 'utf8'), { merge: true }) as Compose
const services = Object.entries(compose.services)
const dockerfile = readFileSync(`${root}Dockerfile`, 'utf8')

/** The names that operators build dashboards and alerts on; each has a panel. */
const promised = [
  'evergate_added_seconds',
  'evergate_attempt_duration_seconds',
  'evergate_attempts_total',
  'evergate_auth_refused_total',
  'evergate_breaker_state',
  'evergate_config_info',
  'evergate_hedges_total',
  'evergate_in_flight',
  'evergate_rate_limited_total',
  'evergate_request_duration_seconds',
  'evergate_requests_total',
  'evergate_retries_total',
  'evergate_shed_total',
  'evergate_target_eligible'
]

/** The expressions of a dashboard, at whatever depth. */
function expressions(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => (key === 'expr' ? [String(inner)] : expressions(inner)))
}

describe('docker-compose.yml', () => {
  test('starts the gateway, its services and what looks after it', () => {
    assert.deepEqual(
      services.map(([name]) => name),
      ['gateway', 'steady', 'slow', 'flaky', 'redis', 'prometheus', 'grafana']
    )
  })

  test('publishes nothing beyond loopback', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports)
    assert.ok(published.length > 0)
    for (const port of published) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
  })

  test('mounts files that exist and volumes that are declared', () => {
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes) {
        const source = volume.split(':', 1)[0] ?? ''
        const known = source.startsWith('./') ? existsSync(root + source) : source in compose.volumes
        assert.ok(known, `${name} mounts ${source}`)
      }
    }
  })

  test('depends only on services that are there', () => {
    for (const [name, { depends_on = [] }] of services) {
      for (const other of depends_on) assert.ok(other in compose.services, `${name} depends on ${other}`)
    }
  })

  test('runs a program that the build makes', () => {
    for (const name of ['steady', 'slow', 'flaky']) {
      const { entrypoint, command } = compose.services[name] ?? {}
      const source = String(entrypoint?.[1])
        .replace(/^\/app\/dist\//, root)
        .replace(/\.js$/, '.ts')
      assert.ok(existsSync(source), source)
      assert.equal(command?.[0], name)
    }
  })

  test('gives the gateway a configuration that it accepts', async () => {
    let said = ''
    const note = (text: string): void => {
      said += text
    }
    const code = await check(['-c', 'deploy/compose/gateway.yaml'], { stdout: note, stderr: note, env: {}, cwd: root })
    assert.equal(code, 0, said)
  })
})

describe('the image', () => {
  test('copies only what exists', () => {
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => String(files).split(' '))
    assert.ok(copies.includes('package-lock.json'))
    for (const file of copies) assert.ok(existsSync(root + file), file)
  })

  test('is given everything that it copies', () => {
    const allowed = readFileSync(`${root}.dockerignore`, 'utf8')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1))
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) => String(files).split(' '))
    for (const file of copies) assert.ok(allowed.includes(file.split('/', 1)[0] ?? ''), file)
  })

  test('does not run as root', () => {
    assert.match(dockerfile.slice(dockerfile.lastIndexOf('\nFROM')), /^USER node$/m)
  })
})

describe('the Grafana dashboard', () => {
  const file = `${root}deploy/grafana/dashboards/evergate.json`
  const dashboard = JSON.parse(readFileSync(file, 'utf8')) as { readonly uid: string; readonly panels: readonly object[] }

  test('asks only for metrics that the gateway promises', () => {
    const asked = new Set(expressions(dashboard.panels).flatMap(expr => expr.match(/evergate_[a-z_]+/g) ?? []))
    assert.deepEqual([...asked].map(name => name.replace(/_bucket$/, '')).toSorted(), promised)
  })

  test('reads them from the data source that is provisioned with it', () => {
    const provisioned = parse(readFileSync(`${root}deploy/grafana/provisioning/datasources/prometheus.yaml`, 'utf8'))
    const sources = new Set([...JSON.stringify(dashboard.panels).matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid))
    assert.deepEqual([...sources], [provisioned.datasources[0].uid])
  })
})
