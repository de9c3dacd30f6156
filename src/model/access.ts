/** The list that keeps somebody out: not among those allowed, or among those denied. */
export type ListName = 'allow' | 'deny'

/** Says who may come in, by address. */
export interface AccessList {
  /** Which list refuses the address of a client; undefined: none does. */
  refusedBy(ip: string): ListName | undefined
}
