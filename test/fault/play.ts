import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, freePort, startCandidate, untilItAnswers } from '../../bench/macro/child.ts'
import { monotonicClock } from '../../src/time/clock.ts'
import type { Candidate } from './candidate.ts'
import type { Fault, Scene } from './fault.ts'
import { type Fleet, openFleet } from './fleet.ts'
import { putLoad } from './load.ts'
import { type Metrics, measure, type Window } from './measure.ts'

/** What `Scene.wait` counts in. */
const usualSeconds = 10
/** The load before the fault, as a share of a run. */
const warmShare = 0.2

function pause(ms: number, over: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    if (over.aborted) return resolve(false)
    const done = (): void => {
      clearTimeout(timer)
      over.removeEventListener('abort', done)
      resolve(!over.aborted)
    }
    const timer = setTimeout(done, ms)
    over.addEventListener('abort', done)
  })
}

async function start(
  candidate: Candidate,
  fleet: Fleet,
  directory: string,
  limited: boolean
): Promise<{ child: Child; origin: string }> {
  const [port, adminPort] = [await freePort(), await freePort()]
  const upstreamPorts = fleet.all.map(upstream => upstream.port)
  const child = startCandidate(candidate.command({ port, adminPort, upstreamPorts, directory, limited }), undefined)
  const origin = `http://127.0.0.1:${port}`
  try {
    await untilItAnswers(child, `${origin}/health`)
  } catch (error) {
    child.process.kill(candidate.endsOn)
    await child.stop()
    throw error
  }
  return { child, origin }
}

/** Puts the load on and lets the fault happen in the middle of it. */
async function perform(fault: Fault, fleet: Fleet, origin: string, seconds: number, interrupted: AbortSignal): Promise<Metrics> {
  const unitMs = (seconds * 1000) / usualSeconds
  const faultMs = seconds * 1000 * warmShare
  const endMs = seconds * 1000 * (fault.length ?? 1)
  const loadEnd = new AbortController()
  const over = AbortSignal.any([loadEnd.signal, interrupted])
  const beganAt = monotonicClock()
  let window: Window = { from: beganAt + faultMs, until: beganAt + endMs, by: 'end' }
  const scene: Scene = {
    fleet,
    wait: units => pause(units * unitMs, over),
    judgeFromNow: by => {
      window = { ...window, from: monotonicClock(), by }
    }
  }
  const happening = pause(faultMs, over).then(reached => (reached ? fault.begin(scene) : undefined))
  // It may fail while nobody waits for it yet.
  happening.catch(() => {})
  const sent = await putLoad(origin, fault.load, { faultMs, endMs }, interrupted)
  loadEnd.abort()
  await happening
  await Promise.all(fleet.all.map(upstream => upstream.tell()))
  return measure(sent, fleet.seen, window)
}

/**
 * Plays a fault once with one candidate: three new upstreams, a new candidate before them, load for so many seconds. Rejects
 * when something does not start. Nothing that it started is left.
 */
export async function play(fault: Fault, candidate: Candidate, seconds: number, interrupted: AbortSignal): Promise<Metrics> {
  const directory = mkdtempSync(join(tmpdir(), 'evergate-fault-'))
  const fleet = await openFleet(fault.upstreams ?? { kind: 'good' })
  let child: Child | undefined
  try {
    const started = await start(candidate, fleet, directory, fault.limited ?? false)
    child = started.child
    return await perform(fault, fleet, started.origin, seconds, interrupted)
  } finally {
    child?.process.kill(candidate.endsOn)
    await Promise.all([child?.stop(), fleet.stop()])
    rmSync(directory, { recursive: true, force: true })
  }
}
