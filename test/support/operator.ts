import type { TestGateway } from '../../src/testing.ts'

/** What /api/upstreams says of a target, as far as tests look. */
export interface TargetView {
  readonly id: string
  readonly eligible: boolean
  readonly why: string | null
  readonly breaker: string
  readonly inFlight: number
  readonly requests: number
  readonly failures: number
}

/** The targets of every group, in order, as an operator sees them. */
export async function targetsOf({ adminUrl }: Pick<TestGateway, 'adminUrl'>): Promise<TargetView[]> {
  const answer = await fetch(`${adminUrl}/api/upstreams`)
  // The form is the contract of that path.
  const { upstreams } = (await answer.json()) as { upstreams: { targets: TargetView[] }[] }
  return upstreams.flatMap(({ targets }) => targets)
}

/** The value of a metric with exactly these labels, in the order they are shown; undefined where it is not there. */
export async function metricOf({ adminUrl }: Pick<TestGateway, 'adminUrl'>, sample: string): Promise<number | undefined> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  const line = text.split('\n').find(each => each.startsWith(`${sample} `))
  return line === undefined ? undefined : Number(line.slice(sample.length + 1))
}
