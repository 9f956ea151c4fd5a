// Where something that is configured comes from, and whose word counts: the file's for what it names.
import { GatewayError } from '../../canonical/errors.ts'

/**
 * `file`: the configuration; `api`: registered while it runs; `detected`: found at the start; `embedded`: the model that comes along;
 * `code`: a program that runs Patchbay in itself.
 */
export const SOURCES = ['file', 'api', 'detected', 'embedded', 'code'] as const
export type Source = (typeof SOURCES)[number]

/** Something stored that is not in force. */
export interface Aside {
  readonly kind: 'provider' | 'route'
  readonly name: string
  readonly reason: string
}

export interface Managed {
  readonly what: 'provider' | 'route' | 'default provider'
  readonly name: string
  /** Absent: a program gave it. */
  readonly file: string | undefined
}

/** What the file names cannot be changed but in the file. */
export function managedByFile({ what, name, file }: Managed): GatewayError {
  const where = file === undefined ? 'the configuration that this Patchbay was started with' : file
  const how = file === undefined ? 'Change it there.' : 'Change it there, then: patchbay reload.'
  return new GatewayError(
    'conflict',
    `The ${what} "${name}" is named in ${where}, and what stands there wins over what is set while Patchbay runs. ${how}`,
    { origin: 'client', status: 409, code: 'managed_by_file', param: 'name' },
  )
}
