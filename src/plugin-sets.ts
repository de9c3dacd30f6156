import type { IncomingMessage } from 'node:http'
import { matchOf } from '../plugins/routing.ts'
import type { LoadedPlugin } from './load-plugins.ts'
import type { RouteTable } from './routing/table.ts'

/** Every set of named plugins that some route has, as `Route.pluginSet` has it; the empty one is always there. */
export const pluginSets = (table: RouteTable): string[] => [...new Set(['', ...table.routes.map(route => route.pluginSet)])]

/** The plugins of a set, in the order of the configuration. */
export const pluginsOf = (set: string, plugins: readonly LoadedPlugin[]): LoadedPlugin[] =>
  plugins.filter(({ name }) => set.split(' ').includes(name))

/** Lets Fastify's router find the scope of the route that was selected before. */
export const pluginConstraint = {
  name: 'plugins',
  storage() {
    const handlers = new Map<unknown, unknown>()
    return {
      get: (set: unknown) => handlers.get(set) ?? null,
      set: (set: unknown, handler: unknown) => void handlers.set(set, handler)
    }
  },
  deriveConstraint(request: IncomingMessage) {
    const match = matchOf(request)
    return match.kind === 'route' ? match.route.pluginSet : ''
  },
  mustMatchWhenDerived: false
} as never
