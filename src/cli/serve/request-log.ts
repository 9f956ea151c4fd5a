// The log of `patchbay serve`: a line a request on stderr, for people or for machines. It never holds a key or a body.
import { compact } from '../../canonical/compact.ts'
import type { RequestLog } from '../../server/application.ts'

export const LOG_FORMATS = ['text', 'json', 'off'] as const
export type LogFormat = (typeof LOG_FORMATS)[number]

/** One line without its end; undefined when nothing is to be logged. */
export function logLine(entry: RequestLog, format: LogFormat, now: Date): string | undefined {
  switch (format) {
    case 'off':
      return undefined
    case 'json':
      return JSON.stringify(
        compact({
          time: now.toISOString(),
          id: entry.id,
          method: entry.method,
          path: entry.path,
          status: entry.status,
          ms: Math.round(entry.elapsedMs),
          provider: entry.provider,
          model: entry.model,
          error: entry.error?.kind,
          code: entry.error?.code,
        }),
      )
    case 'text': {
      const target = entry.provider === undefined ? '' : ` ${entry.provider}/${entry.model ?? ''}`
      const error = entry.error === undefined ? '' : ` ${entry.error.code ?? entry.error.kind}`
      const path = printable(entry.path)
      return `${entry.method} ${path} ${entry.status} ${Math.round(entry.elapsedMs)} ms${target}${error}`
    }
  }
}

/** A client writes the path: no control characters reach the terminal. */
function printable(path: string): string {
  return path.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
