// Why an answer ended: `done_reason` has three words of its own and no word for tool calls.
import type { Finish, FinishReason } from '../../canonical/response.ts'

/** `stop` after tool calls means that they are to be run. An empty word means that the connection was closed. */
export function readFinish(raw: string | undefined, called: boolean): Finish {
  return { reason: reasonOf(raw, called), ...(raw === undefined ? {} : { raw }) }
}

function reasonOf(raw: string | undefined, called: boolean): FinishReason {
  switch (raw) {
    // Servers before 0.1.33 had no word at all.
    case undefined:
    case 'stop':
      return called ? 'tool-calls' : 'stop'
    case 'length':
      return 'length'
    case '':
      return 'cancelled'
    default:
      return 'other'
  }
}

/** Everything but a limit is `stop`. */
export function printFinish(finish: Finish | undefined, own: 'own' | 'foreign'): string {
  if (own === 'own' && finish?.raw !== undefined) return finish.raw
  return finish?.reason === 'length' || finish?.reason === 'context-length' ? 'length' : 'stop'
}

/** Endings that are failures: they are said as an error, never as a clean stop. */
export function isFailure(finish: Finish | undefined, own: 'own' | 'foreign'): boolean {
  if (own === 'own' && finish?.raw !== undefined) return false
  return finish?.reason === 'error' || finish?.reason === 'cancelled'
}
