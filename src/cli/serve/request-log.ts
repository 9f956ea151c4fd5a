// The log of `patchbay serve`: a line a request on stderr, for people or for machines. It never holds a key, nor of a body more than names of fields.
import { compact } from '../../canonical/compact.ts'
import type { GatewayError } from '../../canonical/errors.ts'
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
          notes: entry.notes,
          trail: entry.trail?.toString() || undefined,
          error: entry.error?.kind,
          code: entry.error?.code,
          fault: faultOf(entry.error),
        }),
      )
    case 'text': {
      const target = entry.provider === undefined ? '' : ` ${entry.provider}/${entry.model ?? ''}`
      const notes = entry.notes === undefined ? '' : ` [${entry.notes}]`
      const trail = detourOf(entry)
      const error = entry.error === undefined ? '' : ` ${entry.error.code ?? entry.error.kind}`
      const path = printable(entry.path)
      const line = `${entry.method} ${path} ${entry.status} ${Math.round(entry.elapsedMs)} ms${target}${trail}${notes}${error}`
      const fault = faultOf(entry.error)
      return fault === undefined ? line : [line, ...fault].join('\n    ')
    }
  }
}

/** The way to the answer, where it was not the straight one. */
function detourOf({ trail, error }: RequestLog): string {
  const made = trail?.attempts.length ?? 0
  return made > 1 || (made > 0 && error !== undefined) ? ` {${String(trail)}}` : ''
}

const FRAMES = 6

/** Where our own code failed: the kind of error and the places, never its text, which could quote anything. */
function faultOf(error: GatewayError | undefined): readonly string[] | undefined {
  if (error?.kind !== 'internal' || !(error.cause instanceof Error)) return undefined
  const places = (error.cause.stack ?? '').split('\n').map((line) => line.trim())
  return [error.cause.name, ...places.filter((place) => place.startsWith('at ')).slice(0, FRAMES)]
}

/** A client writes the path: no control characters reach the terminal. */
function printable(path: string): string {
  return path.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200)
}
