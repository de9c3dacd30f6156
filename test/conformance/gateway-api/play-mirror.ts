import { until } from '../../support/until.ts'
import type { Expectation } from './expectations.ts'
import type { Scene } from './scene.ts'
import { draws, tolerance } from './shares.ts'

/**
 * Whether each backend that is to have copies of a request gets them; of a share of the requests where one is named. One request
 * for the path of the expectation was sent before, and no other test sends any.
 */
export async function mirrored(
  scene: Scene,
  { MirroredTo = [], Request }: Expectation,
  send: () => Promise<unknown>
): Promise<string[]> {
  const shares = MirroredTo.map(({ BackendRef, Percent }) => ({ name: BackendRef.Name, share: shareOf(Percent) }))
  const sent = shares.some(({ share }) => share < 1) ? draws : 1
  for (let i = 1; i < sent; i++) await send()
  const wrong: string[] = []
  for (const { name, share } of shares) {
    const service = scene.service({ namespace: 'gateway-conformance-infra', service: name })
    const copies = () => service.received.filter(({ path }) => path === Request.Path).length
    const off = share < 1 ? tolerance : 0
    await until(() => copies() >= (share - off) * sent).catch(() => {})
    if (Math.abs(copies() / sent - share) > off)
      wrong.push(`${name} got copies of ${copies()} requests of ${sent}, not of ${share}`)
  }
  return wrong
}

/** The corpus has the number within the Go code around it. */
const shareOf = (percent: string | undefined) => Number(/\d+(?=\)+$)/.exec(percent ?? '')?.[0] ?? 100) / 100
