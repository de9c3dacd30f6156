import { originOf } from '../../model/unix-socket.ts'
import type { Scheduler } from '../../time/scheduler.ts'
import { readBodyExpectation } from '../body-expectation.ts'
import type { Check } from '../check.ts'
import type { HealthSettings } from '../options.ts'
import type { HealthSpec } from '../probers.ts'
import { readStatuses } from '../statuses.ts'
import { dialer } from './dial.ts'
import { GrpcCheck } from './grpc.ts'
import { HttpCheck } from './http.ts'
import { tcpCheck } from './tcp.ts'

/** Makes what asks a target. Throws a RangeError for settings that a checked configuration does not have. */
export function openCheck(url: string, spec: HealthSpec, scheduler: Scheduler): Check {
  const { settings, tls } = spec
  const { type, port, timeout: timeoutMs } = settings
  switch (type) {
    case 'tcp':
      return tcpCheck(dialer(url, tls, port), scheduler, timeoutMs)
    case 'grpc': {
      const h2 = dialer(url, tls, port, ['h2'])
      return new GrpcCheck({ origin: originAt(url, port), dialer: h2, timeoutMs, service: settings.service }, scheduler)
    }
    case 'http':
      return httpCheck(url, spec, scheduler)
  }
}

function httpCheck(url: string, { settings, tls, protocol = 'http1' }: HealthSpec, scheduler: Scheduler): Check {
  const { expect, body, host, headers, method, path, port, timeout: timeoutMs } = settings
  const origin = originAt(url, port)
  const statuses = readStatuses(expect)
  const expectedBody = body === undefined ? undefined : readBodyExpectation(body)
  if (statuses === undefined) throw new RangeError(`health.expect is no list of statuses: ${expect}`)
  if (body !== undefined && expectedBody === undefined) throw new RangeError(`health.body is no regular expression: ${body}`)
  const own = { 'user-agent': 'evergate', ...headers, ...(host === undefined ? {} : { host }) }
  const expectation = { statuses, body: expectedBody }
  const connection = {
    dialer: dialer(url, tls, port, protocol === 'http1' ? ['http/1.1'] : ['h2']),
    protocol,
    keepMs: keepMs(settings)
  }
  return new HttpCheck({ origin, timeoutMs, method, path, headers: own, ...connection, ...expectation }, scheduler)
}

/** A little longer than the longest wait for the next check. */
const keepMs = ({ interval, idleInterval = 0 }: HealthSettings) => Math.max(interval, idleInterval) * 1.1 + 1000

function originAt(url: string, port: number | undefined): string {
  const place = new URL(originOf(url))
  if (port !== undefined) place.port = String(port)
  return place.origin
}
