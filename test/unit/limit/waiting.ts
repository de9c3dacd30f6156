import type { Waiting } from '../../../src/model/admitting.ts'

/** A request that notes in `told` what became of it, as `a in` and `a shed`, and then does what the test wants. */
export function waiting(
  told: string[],
  name: string,
  priority: Waiting['priority'] = 'default',
  then: () => void = () => {}
): Waiting {
  return {
    priority,
    admit() {
      told.push(`${name} in`)
      then()
    },
    shed: () => void told.push(`${name} shed`)
  }
}
