// The states of a vault and the one way from each to the next: absent, sealed, open; a change is whole or has not happened.
import { GatewayError } from '../canonical/errors.ts'
import type { GivenKey } from './given-key.ts'
import { type SignedHeader, isKnown } from './header.ts'
import { signed } from './header-mac.ts'
import { vaultProblem } from './problem.ts'
import type { RandomBytes } from './record-cipher.ts'
import { type SlotKey, slotKeyOf } from './slot.ts'
import type { UnlockOptions } from './vault.ts'
import { type OpenContent, newestRoot, openHeader } from './vault-content.ts'
import type { HearVault } from './vault-event.ts'
import {
  type Before,
  type Found,
  type Shelf,
  findVault,
  storeBeside,
  storeRows,
  whateverIsThere,
} from './vault-shelf.ts'

export interface VaultPorts {
  readonly shelf: Shelf
  readonly random: RandomBytes
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly hear?: HearVault
  /** Hears with which keys it was opened, or is opened from now on; nothing once it was locked. */
  readonly keyed?: (keys: readonly GivenKey[] | undefined) => void
}

interface Written {
  readonly header: SignedHeader
  readonly revision: number
}

type State =
  | { readonly state: 'absent' }
  | { readonly state: 'sealed'; readonly reason: GatewayError; readonly header?: SignedHeader }
  | {
      readonly state: 'open'
      readonly content: OpenContent
      readonly written: Written
      /** Keys of records that are not what was stored. */
      readonly refused: ReadonlySet<string>
    }

export type OpenState = Extract<State, { readonly state: 'open' }>

/** Others who write at the same time are few. */
const TRIES = 10

export class VaultCore {
  readonly #ports: VaultPorts
  readonly #listeners = new Set<() => void>()
  #state: State = { state: 'absent' }
  #queue: Promise<unknown> = Promise.resolve()

  constructor(ports: VaultPorts) {
    this.#ports = ports
  }

  get state(): State {
    return this.#state
  }

  get lasts(): boolean {
    return this.#ports.shelf.records.lasts
  }

  /** Throws where it is not open, and says why. */
  get open(): OpenState {
    if (this.#state.state === 'open') return this.#state
    if (this.#state.state === 'sealed') throw this.#state.reason
    throw vaultProblem(
      'vault_absent',
      'There is no vault to keep secrets in. Make one: patchbay init.',
    )
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Looks what is there. A vault that is there is sealed. */
  async look(): Promise<void> {
    await this.#alone(async () => {
      try {
        const found = await findVault(this.#ports.shelf)
        if (found === undefined) this.#become({ state: 'absent' })
        else this.#seal(found.doubt ?? sealed(), found.header)
      } catch (thrown) {
        if (!(thrown instanceof GatewayError)) throw thrown
        this.#seal(thrown)
      }
    })
  }

  /** Says why it stays sealed; an open vault does not hear it. */
  explain(reason: GatewayError): void {
    if (this.#state.state !== 'sealed') return
    this.#seal(reason, this.#state.header)
  }

  async unlock(keys: readonly GivenKey[], { acceptRollback }: UnlockOptions = {}): Promise<void> {
    await this.#alone(async () => {
      if (this.#state.state === 'open') return
      const found = await findVault(this.#ports.shelf)
      if (found === undefined) return this.#become({ state: 'absent' })
      const { doubt } = found
      if (doubt !== undefined && acceptRollback !== true) {
        this.#seal(doubt, found.header)
        throw doubt
      }
      const slotKey = await openingKey(keys, found.header)
      const content = contentOf(found, slotKey)
      const { revision } = found
      if (doubt === undefined) {
        this.#becomeOpen(content, { header: found.header, revision })
        if (found.isFileStale) await this.#storeBeside()
        return
      }
      const header = { ...content.header, epoch: found.highest }
      const digests = revision === 0 ? {} : found.header.records
      if (!(await this.#commit({ ...content, header }, { revision, digests }))) throw busy()
    })
  }

  lock(): Promise<void> {
    return this.#alone(async () => {
      const { written } = this.open
      if (!this.lasts) {
        throw vaultProblem('vault_unfit', 'This vault is in memory only: locked, it would be lost.')
      }
      this.#seal(sealed(), written.header)
    })
  }

  /** In the place of whatever is here; for a vault that is made or restored. */
  replace(make: (found: Found | undefined) => Promise<OpenContent>): Promise<void> {
    return this.#alone(async () => {
      const found = await findVault(this.#ports.shelf).catch(() => undefined)
      const content = await make(found)
      const epoch = Math.max(content.header.epoch, found?.highest ?? 0)
      const before = await whateverIsThere(this.#ports.shelf)
      const next = { ...content, header: { ...content.header, epoch } }
      if (!(await this.#commit(next, before))) throw busy()
    })
  }

  /** Makes a change on the state that is then there, again where others were quicker. */
  change(make: (content: OpenContent) => OpenContent | Promise<OpenContent>): Promise<OpenState> {
    return this.#alone(async () => {
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { content, written } = this.open
        const before = { revision: written.revision, digests: written.header.records }
        if (await this.#commit(await make(content), before)) return this.open
        await this.#reload()
      }
      throw busy()
    })
  }

  refresh(): Promise<void> {
    return this.#alone(async () => {
      if (this.#state.state === 'open' && this.lasts) await this.#reload()
    })
  }

  /** False where others wrote meanwhile; then nothing has happened. */
  async #commit(next: OpenContent, before: Before): Promise<boolean> {
    const header = signed({ ...next.header, epoch: next.header.epoch + 1 }, newestRoot(next))
    const { shelf } = this.#ports
    const revision = await storeRows(shelf, { before, header, records: next.records })
    if (revision === undefined) return false
    this.#becomeOpen({ ...next, header }, { header, revision })
    await this.#storeBeside()
    return true
  }

  async #storeBeside(): Promise<void> {
    const { written, content } = this.open
    const { header } = written
    try {
      await storeBeside(this.#ports.shelf, { header, records: content.records })
    } catch (thrown) {
      // The rows are written, so it has happened; the file catches up with the next change or start.
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      this.#ports.hear?.({ type: 'vault-file-behind', reason })
    }
  }

  async #reload(): Promise<void> {
    const { content, written } = this.open
    const found = await findVault(this.#ports.shelf)
    if (found !== undefined && found.revision === written.revision) return
    const { slotKey } = content
    try {
      if (found === undefined || slotKey === undefined) throw tampered()
      if (found.doubt !== undefined) throw found.doubt
      if (found.header.epoch < written.header.epoch) throw rolledBack()
      const { header, revision } = found
      this.#becomeOpen(contentOf(found, slotKey), { header, revision })
      if (found.isFileStale) await this.#storeBeside()
    } catch (thrown) {
      if (thrown instanceof GatewayError) this.#seal(thrown, found?.header)
      throw thrown
    }
  }

  #becomeOpen(content: OpenContent, written: Written): void {
    const { header, records } = content
    const refused = new Set(
      Object.keys(header.records).filter((key) => {
        const record = records.get(key)
        return record === undefined || !isKnown(header, record)
      }),
    )
    const before = this.#state.state === 'open' ? this.#state.refused : new Set()
    for (const key of refused) {
      if (!before.has(key)) this.#ports.hear?.({ type: 'vault-secret-refused', key })
    }
    this.#become({ state: 'open', content, written, refused })
  }

  #seal(reason: GatewayError, header?: SignedHeader): void {
    this.#become({ state: 'sealed', reason, ...(header === undefined ? {} : { header }) })
  }

  #become(next: State): void {
    const before = this.#state
    this.#state = next
    const reason = next.state === 'sealed' ? next.reason.code : undefined
    const reasonBefore = before.state === 'sealed' ? before.reason.code : undefined
    if (before.state !== next.state || reason !== reasonBefore) {
      this.#ports.hear?.({
        type: 'vault-state',
        state: next.state,
        ...(reason === undefined ? {} : { reason }),
      })
    }
    for (const listener of this.#listeners) listener()
  }

  /** One after another. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }
}

function contentOf(found: Found, slotKey: SlotKey): OpenContent {
  const { header, records } = found
  const roots = openHeader(header, slotKey)
  if (roots === undefined) throw tampered()
  const { mac: _, ...unsigned } = header
  return { header: unsigned, roots, records, slotKey }
}

/** Of the slot that one of the keys fits. */
export async function openingKey(
  keys: readonly GivenKey[],
  { slots, vaultId }: SignedHeader,
): Promise<SlotKey> {
  for (const given of keys) {
    for (const slot of slots) {
      const key = await slotKeyOf(given, slot, vaultId)
      if (key !== undefined) return key
    }
  }
  throw vaultProblem(
    'vault_key_refused',
    'The key opens no slot of the vault. See which there are: patchbay vault slot list.',
  )
}

function sealed(): GatewayError {
  return vaultProblem(
    'vault_sealed',
    'The vault is sealed: Patchbay answers once its operator has opened it with patchbay vault unlock.',
  )
}

function tampered(): GatewayError {
  return vaultProblem(
    'vault_tampered',
    'The vault was changed by somebody who does not have its key. Restore it: patchbay vault restore <file>.',
  )
}

function rolledBack(): GatewayError {
  return vaultProblem(
    'vault_rollback',
    'The database has an older state of the vault than this process has seen. If you have restored it: patchbay vault unlock --accept-rollback.',
  )
}

function busy(): GatewayError {
  return vaultProblem('vault_busy', 'Others change the vault at the same time. Try again.')
}
