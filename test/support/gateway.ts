import { type BuildOptions, build, type ConfigInput, type TestGateway, type TestScope } from '../../src/testing.ts'

type Group = NonNullable<ConfigInput['upstreams']>[string]
type Route = NonNullable<ConfigInput['routes']>[number]
type Target = NonNullable<Group['targets']>[number]

/** What a test says of its one group and one route, besides the rest of the configuration. */
export interface Setup extends Omit<ConfigInput, 'upstreams' | 'routes'> {
  readonly group?: Group
  readonly route?: Partial<Route>
  readonly options?: BuildOptions
}

/**
 * A gateway that sends everything to one group of these targets: to the first as long as it can, with short pauses before
 * retries, without a breaker and without ejection, unless the test says otherwise.
 */
export function gatewayTo(t: TestScope, targets: readonly Target[], setup: Setup = {}): Promise<TestGateway> {
  const { group, route, options, ...top } = setup
  const retry = { backoff: ['1ms', '2ms'] as ['1ms', '2ms'], ...group?.retry }
  const config: ConfigInput = {
    ...top,
    upstreams: { service: { balance: 'first', breaker: false, outliers: false, ...group, targets: [...targets], retry } },
    routes: [{ prefix: '/', upstream: 'service', ...route }]
  }
  return build(t, config, options)
}

/** An origin where nobody listens: port 1 is reserved, and no test's port is that low. */
export const nowhere = 'http://127.0.0.1:1'
