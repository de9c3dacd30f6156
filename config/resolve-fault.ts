import type { FaultSettings } from '../src/fault/options.ts'

/** A fault after its values were read and filled; what was refused is not there. */
export type FilledFault =
  | undefined
  | false
  | (Partial<Omit<FaultSettings, 'delay' | 'when'>> & {
      readonly delay?: number | readonly (number | undefined)[]
      readonly when?: Partial<FaultSettings['when']>
    })

export function resolveFault(fault: FilledFault): false | FaultSettings {
  if (fault === undefined || fault === false || fault.share === undefined) return false
  const { delay, abort, share, when } = fault
  const [from, to = from] = typeof delay === 'object' ? delay : [delay]
  return {
    ...(from === undefined || to === undefined ? {} : { delay: [from, to] as const }),
    ...(abort === undefined ? {} : { abort }),
    share,
    when: { headers: when?.headers ?? {}, query: when?.query ?? {} }
  }
}
