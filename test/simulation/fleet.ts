import { Network, type Server, type Site } from './network.ts'
import type { World } from './world.ts'

/** Servers of one kind, and what a configuration calls them. */
export interface Fleet<S extends Server = Server> {
  readonly network: Network
  readonly servers: readonly S[]
  readonly targets: readonly string[]
}

/** So many servers, each made by its number. */
export function fleet<S extends Server>(
  world: World,
  count: number,
  create: (index: number) => S,
  condition?: (index: number, now: number) => ReturnType<NonNullable<Site['condition']>>
): Fleet<S> {
  const servers = Array.from({ length: count }, (_, index) => create(index))
  const targets = servers.map((_server, index) => `http://10.0.0.${index + 1}:3000`)
  const sites = new Map<string, Site>()
  for (const [index, server] of servers.entries()) {
    const site = condition === undefined ? { server } : { server, condition: (now: number) => condition(index, now) }
    // As many targets as servers.
    sites.set(targets[index]!, site)
  }
  return { network: new Network(world.scheduler, sites), servers, targets }
}
