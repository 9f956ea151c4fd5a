// The line of a request in the log of `patchbay serve`, for people or for machines. It never holds a key, nor of a body more than names of fields.
import { compact } from '../../canonical/compact.ts'
import type { GatewayError } from '../../canonical/errors.ts'
import type { RequestAnswered } from '../../exchange/facts/server.ts'
import type { Attempt } from '../../exchange/trail.ts'
import type { JsonObject } from '../../wire/json.ts'
import { faultPlaces } from './fault-places.ts'
import { printable } from './printable.ts'

export function requestJson(entry: RequestAnswered): JsonObject {
  return compact({
    event: 'request',
    id: entry.id,
    key: entry.caller,
    method: entry.method,
    path: entry.path,
    status: entry.status,
    ms: Math.round(entry.elapsedMs),
    provider: entry.provider,
    model: entry.model,
    notes: entry.notes,
    attempts: entry.attempts === undefined ? undefined : attemptsJson(entry.attempts),
    trail: entry.trail,
    error: entry.error?.kind,
    code: entry.error?.code,
    fault: faultOf(entry.error),
  })
}

export function attemptsJson(attempts: readonly Attempt[]): readonly JsonObject[] {
  return attempts.map(({ target, outcome, elapsedMs, replay }) =>
    compact({ ...target, outcome, ms: Math.round(elapsedMs), replay }),
  )
}

export function requestText(entry: RequestAnswered): string {
  const target = entry.provider === undefined ? '' : ` ${entry.provider}/${entry.model ?? ''}`
  const notes = entry.notes === undefined ? '' : ` [${entry.notes}]`
  const error = entry.error === undefined ? '' : ` ${entry.error.code ?? entry.error.kind}`
  const path = printable(entry.path)
  const line = `${entry.method} ${path} ${entry.status} ${Math.round(entry.elapsedMs)} ms${target}${detourOf(entry)}${notes}${error}`
  const fault = faultOf(entry.error)
  return fault === undefined ? line : [line, ...fault].join('\n    ')
}

/** The way to the answer, where it was not the straight one. */
function detourOf({ trail, attempts = [], error }: RequestAnswered): string {
  if (trail === undefined) return ''
  const [first] = attempts
  const straight = attempts.length === 1 && first !== undefined && trail === straightTrail(first)
  return straight && error === undefined ? '' : ` {${trail}}`
}

function straightTrail({ target, outcome }: Attempt): string {
  return `${target.provider}/${target.model}=${outcome}`
}

/** Where our own code failed. */
function faultOf(error: GatewayError | undefined): readonly string[] | undefined {
  if (error?.kind !== 'internal' || !(error.cause instanceof Error)) return undefined
  return faultPlaces(error.cause)
}
