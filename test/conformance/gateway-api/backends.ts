import { type AnyRoute, type BackendRef, type KubernetesObject, namespaceOf, ofKind } from './objects.ts'

/** A port of a Service. */
export interface Backend {
  readonly namespace: string
  readonly service: string
  readonly port: number
  /** Such as kubernetes.io/h2c. */
  readonly protocol?: string
}

/** What a reference of a route stands for; undefined where there is no such thing, or the route may not refer to it. */
export function backendOf(objects: readonly KubernetesObject[], route: AnyRoute, ref: BackendRef): Backend | undefined {
  const { group = '', kind = 'Service', name, namespace = namespaceOf(route), port } = ref
  if (group !== '' || kind !== 'Service' || port === undefined) return undefined
  const service = ofKind(objects, 'Service').find(each => each.metadata.name === name && namespaceOf(each) === namespace)
  const found = service?.spec.ports?.find(each => each.port === port)
  if (found === undefined || !mayRefer(objects, route, namespace, name)) return undefined
  return { namespace, service: name, port, ...(found.appProtocol === undefined ? {} : { protocol: found.appProtocol }) }
}

function mayRefer(objects: readonly KubernetesObject[], route: AnyRoute, namespace: string, service: string): boolean {
  if (namespace === namespaceOf(route)) return true
  return ofKind(objects, 'ReferenceGrant').some(
    grant =>
      namespaceOf(grant) === namespace &&
      grant.spec.from.some(
        from => from.group === 'gateway.networking.k8s.io' && from.kind === route.kind && from.namespace === namespaceOf(route)
      ) &&
      grant.spec.to.some(to => to.group === '' && to.kind === 'Service' && (to.name === undefined || to.name === service))
  )
}
