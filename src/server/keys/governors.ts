// There is always an owner: a change that would leave none is refused, also where two of them are made at once.
import type { KeyRecord } from '../../access/key-record.ts'
import { keyOf } from '../../access/record-json.ts'
import { GatewayError } from '../../canonical/errors.ts'
import type { DocumentWrite } from '../../store/documents/document.ts'
import type { Documents } from '../../store/documents/documents.ts'
import { GOVERNORS, KEY } from './kinds.ts'

export interface GovernorsOptions {
  readonly documents: Documents
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export class Governors {
  readonly #options: GovernorsOptions

  constructor(options: GovernorsOptions) {
    this.#options = options
  }

  /** What must be written together with a key. Throws conflict where nobody would be left to govern. */
  async with(record: KeyRecord): Promise<readonly DocumentWrite[]> {
    return this.#guard(record, isOwner(record))
  }

  /** The same where the key goes away. */
  async without(record: KeyRecord): Promise<readonly DocumentWrite[]> {
    return this.#guard(record, false)
  }

  async #guard(record: KeyRecord, remains: boolean): Promise<readonly DocumentWrite[]> {
    if (record.kind !== 'admin') return []
    const { documents } = this.#options
    // Read before the others are counted: whoever changes one of them meanwhile counts it up.
    const known = await documents.find(GOVERNORS)
    if (!remains && !(await this.#hasOthers(record.id))) throw lastOwner()
    return [{ ...GOVERNORS, body: {}, expected: known?.version ?? 'absent' }]
  }

  async #hasOthers(id: string): Promise<boolean> {
    const all = await this.#options.documents.all(KEY)
    return all.map((one) => keyOf(one.id, one.body)).some((one) => one.id !== id && isOwner(one))
  }
}

/** For good: one whose time will be over is not counted upon. */
function isOwner({ kind, role, state, expiresAt }: KeyRecord): boolean {
  return kind === 'admin' && role === 'owner' && state === 'active' && expiresAt === undefined
}

function lastOwner(): GatewayError {
  return new GatewayError(
    'conflict',
    'This is the last owner: without it nobody could make admin keys any more. Make another owner, without an end of its time, first.',
    { origin: 'client', code: 'last_owner' },
  )
}
