import type { Scheduler } from '../../time/scheduler.ts'
import { type AgentWord, readAgentLine } from '../agent-word.ts'
import type { Check, CheckResult } from '../check.ts'
import type { Dialer } from './dial.ts'
import { failed, failedOf, tooLate } from './failure.ts'
import { Trial } from './trial.ts'

/** What an agent said, or why it said nothing. */
export type AgentResult = { readonly ok: true; readonly word: AgentWord } | Extract<CheckResult, { readonly ok: false }>

const longestLine = 1024

/** Connects to the agent of a target, which says one line and closes. Nothing is sent to it. */
export function agentCheck(dialer: Dialer, scheduler: Scheduler, timeoutMs: number): Check<AgentResult> {
  return {
    run(done) {
      const socket = dialer.dial()
      let text = ''
      let connected = false
      const trial = new Trial<AgentResult>(
        { scheduler, timeoutMs },
        done,
        awaited => tooLate(awaited, timeoutMs),
        () => socket.destroy()
      )
      const end = () => {
        const [line = ''] = text.split(/[\r\n]/, 1)
        if (line === '') trial.end(failed('protocol', 'the agent said nothing'))
        else trial.end({ ok: true, word: readAgentLine(line) })
      }
      socket.once(dialer.readyEvent, () => {
        connected = true
        trial.awaits = 'answer'
      })
      socket.on('data', chunk => {
        text += chunk.toString('latin1')
        if (/[\r\n]/.test(text) || text.length >= longestLine) end()
      })
      socket.once('end', end)
      // It stays for errors that come after the end.
      socket.on('error', error => trial.end(failedOf(error, connected)))
      return trial.giveUp
    },
    close() {}
  }
}
