import {
  type AllowedNamespaces,
  type AnyRoute,
  type Gateway,
  type KubernetesObject,
  type Listener,
  type ListenerSet,
  namespaceOf,
  ofKind,
  type ParentRef
} from './objects.ts'

/** A Gateway, and one of its ports: what one of our gateways stands for. */
export interface Address {
  readonly gateway: string
  readonly port: number
}

/** A listener, and the object that has it. */
export interface Owned extends Listener {
  readonly owner: Gateway | ListenerSet
}

/** The listeners of a Gateway at one port, with those of the listener sets that it lets in. */
export function listenersAt(objects: readonly KubernetesObject[], { gateway: name, port }: Address): Owned[] {
  const gateway = ofKind(objects, 'Gateway').find(({ metadata }) => metadata.name === name)
  if (gateway === undefined) throw new Error(`no Gateway ${name}`)
  const sets = ofKind(objects, 'ListenerSet').filter(
    set => refersTo(set.spec.parentRef, set, gateway) && allows(objects, gateway.spec.allowedListeners, gateway, set, 'None')
  )
  return [gateway, ...sets]
    .flatMap(owner => owner.spec.listeners.map(listener => ({ ...listener, owner })))
    .filter(listener => listener.port === port)
}

/** Whether a route is attached to a listener. */
export function isAttached(objects: readonly KubernetesObject[], route: AnyRoute, listener: Owned): boolean {
  const { owner } = listener
  const refers = (route.spec.parentRefs ?? []).some(
    ref =>
      refersTo(ref, route, owner) &&
      (ref.sectionName === undefined || ref.sectionName === listener.name) &&
      (ref.port === undefined || ref.port === listener.port)
  )
  return refers && allows(objects, listener.allowedRoutes, owner, route, 'Same')
}

type Child = AnyRoute | ListenerSet

function refersTo(ref: ParentRef, child: Child, parent: Gateway | ListenerSet): boolean {
  const { kind = 'Gateway', name, namespace = namespaceOf(child) } = ref
  return kind === parent.kind && name === parent.metadata.name && namespace === namespaceOf(parent)
}

function allows(
  objects: readonly KubernetesObject[],
  allowed: AllowedNamespaces | undefined,
  parent: Gateway | ListenerSet,
  child: Child,
  absent: 'Same' | 'None'
): boolean {
  const { from = absent, selector } = allowed?.namespaces ?? {}
  const namespace = namespaceOf(child)
  switch (from) {
    case 'All':
      return true
    case 'None':
      return false
    case 'Same':
      return namespace === namespaceOf(parent)
    case 'Selector': {
      const labels = ofKind(objects, 'Namespace').find(({ metadata }) => metadata.name === namespace)?.metadata.labels ?? {}
      return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value)
    }
  }
}
