import type { ConfigInput } from '../../../src/testing.ts'
import type { Backend } from './backends.ts'

type GroupInput = NonNullable<ConfigInput['upstreams']>[string]

/** Groups of targets, one for each port of a Service and time that it may take. */
export class Groups {
  readonly inputs: Record<string, GroupInput> = {}
  readonly #locate: (backend: Backend) => string

  constructor(locate: (backend: Backend) => string) {
    this.#locate = locate
  }

  /** Its name. `timeout` is a duration; 0s is none. Rules without `retry` have none. */
  of(backend: Backend, timeout?: string): string {
    const { namespace, service, port, protocol } = backend
    const name = [namespace, service, port, ...(timeout === undefined ? [] : [timeout])].join('.')
    this.inputs[name] ??= {
      targets: [this.#locate(backend)],
      retry: { attempts: 1 },
      breaker: false,
      outliers: false,
      ...(protocol === 'kubernetes.io/h2c' ? { protocol: 'h2c' as const } : {}),
      // 0 is no limit there; here a time has to be said.
      ...(timeout === undefined ? {} : { timeouts: { response: timeout === '0s' ? '1h' : (timeout as `${number}ms`) } })
    }
    return name
  }
}
