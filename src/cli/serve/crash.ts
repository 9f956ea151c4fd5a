// The last words of a worker whose code has failed outside of any call: where, and nothing of what it was at.
import { EXIT } from '../exit.ts'
import { type Terminal, say } from '../terminal.ts'
import { faultPlaces } from './fault-places.ts'

/** What it was at is undone by nobody; the primary starts another. */
export function recordCrash(terminal: Terminal): void {
  const end = (thrown: unknown): void => {
    const places = thrown instanceof Error ? faultPlaces(thrown) : [typeof thrown]
    say(
      terminal,
      [`worker ${process.pid} crashed: ${places[0]}`, ...places.slice(1)].join('\n    '),
    )
    process.exit(EXIT.failure)
  }
  process.on('uncaughtException', end)
}
