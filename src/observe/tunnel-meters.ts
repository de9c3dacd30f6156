import { gaugeMetric, type Metric, type Sample } from './exposition.ts'

interface RouteTunnels {
  open: number
  fromClient: number
  fromTarget: number
}

/** Counts tunnels and the bytes through them, by route. Bytes are counted when a tunnel closes. */
export class TunnelMeters {
  readonly #routes = new Map<string, RouteTunnels>()

  opened(route: string): void {
    this.#of(route).open++
  }

  closed(route: string, fromClient: number, fromTarget: number): void {
    const tunnels = this.#of(route)
    tunnels.open--
    tunnels.fromClient += fromClient
    tunnels.fromTarget += fromTarget
  }

  metrics(): Metric[] {
    return [
      gaugeMetric('evergate_tunnels', 'Tunnels that are open: WebSockets and other upgrades.', () =>
        this.#each((route, { open }) => [{ labels: { route }, value: open }])
      ),
      {
        name: 'evergate_tunnel_bytes_total',
        help: 'Bytes through tunnels that have closed, by where they came from.',
        type: 'counter',
        samples: () =>
          this.#each((route, { fromClient, fromTarget }) => [
            { labels: { route, from: 'client' }, value: fromClient },
            { labels: { route, from: 'target' }, value: fromTarget }
          ])
      }
    ]
  }

  #each(samples: (route: string, tunnels: RouteTunnels) => Sample[]): Sample[] {
    return [...this.#routes].flatMap(([route, tunnels]) => samples(route, tunnels))
  }

  #of(route: string): RouteTunnels {
    let tunnels = this.#routes.get(route)
    if (tunnels === undefined) this.#routes.set(route, (tunnels = { open: 0, fromClient: 0, fromTarget: 0 }))
    return tunnels
  }
}
