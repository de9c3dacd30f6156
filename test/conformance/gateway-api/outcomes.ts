import type { TestScope } from '../../../src/testing.ts'
import { type Abilities, abilities } from './abilities.ts'
import { addressesOf } from './addresses.ts'
import { type ConformanceTest, type Expectation, type GrpcExpectation, readTests } from './expectations.ts'
import { objectsOf } from './manifests.ts'
import { play } from './play.ts'
import { Scene } from './scene.ts'
import { deviation, outOfScope, pending } from './scope.ts'
import { Unsupported } from './unsupported.ts'

/** What became of one expectation; `why` is a reason that is known beforehand, `wrong` is what was seen. */
export interface Outcome {
  readonly test: ConformanceTest
  readonly at: number
  readonly kind: 'passed' | 'failed' | 'pending' | 'out'
  readonly why?: string
  readonly wrong?: readonly string[]
}

/** Puts every expectation of the corpus that is in scope to gateways of ours, one test after the other. */
export async function* outcomes(scope: TestScope): AsyncGenerator<Outcome> {
  const able = await abilities(scope)
  for (const test of readTests()) yield* outcomesOf(scope, test, able)
}

async function* outcomesOf(scope: TestScope, test: ConformanceTest, able: Abilities): AsyncGenerator<Outcome> {
  let scene: Promise<Scene> | undefined
  const objects = test.Manifests.length === 0 ? [] : objectsOf(test.Manifests)
  for (const [at, expected] of (test.Cases ?? []).entries()) {
    const out = outOfScope(test, at)
    const later = out === undefined ? pending(expected, able) : undefined
    if (out !== undefined) yield { test, at, kind: 'out', why: out }
    else if (later !== undefined) yield { test, at, kind: 'pending', why: later }
    else {
      scene ??= Scene.of(scope, objects)
      yield await tried(await scene, test, at, expected)
    }
  }
}

async function tried(scene: Scene, test: ConformanceTest, at: number, expected: Expectation | GrpcExpectation): Promise<Outcome> {
  const why = deviation(test, at)
  const known = why === undefined ? {} : { why }
  try {
    const wrong: string[] = []
    for (const address of addressesOf(scene.objects, test, at)) wrong.push(...(await play(scene, address, test.Test, expected)))
    return { test, at, kind: wrong.length === 0 ? 'passed' : 'failed', wrong, ...known }
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error
    return { test, at, kind: 'failed', wrong: [error.message], ...known }
  }
}

export const nameOf = ({ test, at }: Outcome): string => `${test.Test} ${at}`
