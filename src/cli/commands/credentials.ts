// patchbay providers key|lift: changes a key of a running provider, and lets one in again that was refused.
import { type Json, ObjectReader } from '../../wire/json.ts'
import { Connection } from '../connection.ts'
import type { SharedOptions } from '../options.ts'
import { type Terminal, print, printJson } from '../terminal.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { type KeyOptions, assertPrivate, keyOf, refuseKeyArgument } from '../given-key.ts'

/** The label of a provider's only key, where nobody gave it another. */
export const FIRST_LABEL = 'k1'

export async function changeKey(
  terminal: Terminal,
  place: { readonly name: string; readonly label: string },
  options: SharedOptions & KeyOptions,
): Promise<void> {
  refuseKeyArgument(options)
  const key = await keyOf(terminal, options)
  if (key === undefined) {
    throw new CommandFailure('There is no new key.', {
      code: EXIT.usage,
      next: 'Name its environment variable with --key-env NAME, or pipe it in with --key-stdin.',
    })
  }
  const connection = await Connection.open(terminal, options, 'admin')
  assertPrivate(connection.url)
  const answer = await connection.json({
    method: 'PUT',
    path: pathOf(place),
    body: { api_key: key },
  })
  if (options.json === true) printJson(terminal, answer)
  else print(terminal, `${place.name} uses the new key for ${place.label} now.`)
}

export async function liftKey(
  terminal: Terminal,
  place: { readonly name: string; readonly label: string },
  options: SharedOptions,
): Promise<void> {
  const connection = await Connection.open(terminal, options, 'admin')
  const answer = await connection.json({ method: 'POST', path: `${pathOf(place)}/lift` })
  if (options.json === true) return printJson(terminal, answer)
  const { name, label } = place
  print(terminal, wasLifted(answer) ? `${name} uses ${label} again.` : `${label} was in use.`)
}

function wasLifted(answer: Json): boolean {
  return ObjectReader.of(answer, '').optionalBoolean('lifted') === true
}

function pathOf({ name, label }: { readonly name: string; readonly label: string }): string {
  return `/api/providers/${encodeURIComponent(name)}/credentials/${encodeURIComponent(label)}`
}
