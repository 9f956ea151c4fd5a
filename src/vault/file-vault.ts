// The vault: secrets and derived keys for the rest of Patchbay, slots and generations for its keeper.
import { compact } from '../canonical/compact.ts'
import type { GatewayError } from '../canonical/errors.ts'
import { newestGeneration } from './header.ts'
import { signed } from './header-mac.ts'
import { USUAL_COST } from './passphrase.ts'
import { vaultProblem } from './problem.ts'
import { type SecretRecord, recordKey } from './record.ts'
import { derive } from './root-key.ts'
import { Secret } from './secret.ts'
import type { GivenKey } from './given-key.ts'
import { type Slot, makeSlot, slotFor, slotKeyOf } from './slot.ts'
import type {
  Asking,
  BackupRecipients,
  KeyLabel,
  NewSecret,
  SecretView,
  SlotRequest,
  SlotView,
  UnlockOptions,
  VaultKey,
  VaultKeeping,
  VaultStatus,
  VersionOf,
} from './vault.ts'
import {
  type Chance,
  type OpenContent,
  emptyContent,
  newestRoot,
  openHeader,
  rotated,
  textOf,
  withRecord,
  withRecords,
  withSlots,
  withoutRecords,
} from './vault-content.ts'
import { type OpenState, VaultCore, type VaultPorts, openingKey } from './vault-core.ts'
import { parseVault, printVault } from './vault-file.ts'

const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/

export class FileVault implements VaultKeeping {
  readonly #core: VaultCore
  readonly #ports: VaultPorts
  readonly #keys = new WeakMap<OpenContent['roots'], Map<string, VaultKey>>()

  private constructor(ports: VaultPorts) {
    this.#ports = ports
    this.#core = new VaultCore(ports)
  }

  /** Absent or sealed, as it is found. */
  static async open(ports: VaultPorts): Promise<FileVault> {
    const vault = new FileVault(ports)
    await vault.#core.look()
    return vault
  }

  get state(): VaultStatus['state'] {
    return this.#core.state.state
  }

  get isSealed(): boolean {
    return this.#core.state.state === 'sealed'
  }

  status(): VaultStatus {
    const { state } = this.#core
    if (state.state === 'absent') return { state: 'absent', slots: [], records: 0, refused: [] }
    if (state.state === 'sealed') {
      const { reason, header } = state
      const known = header === undefined ? {} : { vaultId: header.vaultId, epoch: header.epoch }
      const slots = header?.slots.map((slot) => viewOf(slot)) ?? []
      const records = Object.keys(header?.records ?? {}).length
      return compact({
        state: 'sealed' as const,
        reason: reason.code,
        ...known,
        slots,
        records,
        refused: [],
      })
    }
    const { header } = state.content
    return {
      state: 'open',
      vaultId: header.vaultId,
      epoch: header.epoch,
      generation: newestGeneration(header),
      writes: header.keyring.at(-1)?.writes ?? 0,
      slots: header.slots.map((slot) => viewOf(slot)),
      records: Object.keys(header.records).length,
      refused: [...state.refused],
    }
  }

  onChange(listener: () => void): () => void {
    return this.#core.onChange(listener)
  }

  async put({ secret, ...asked }: NewSecret): Promise<SecretView> {
    const { id, kind = 'provider-key', state = 'active', providerType, origin, expiresAt } = asked
    if (!ID.test(id)) {
      throw vaultProblem(
        'vault_unfit',
        'A secret needs a name of 1 to 128 letters, digits, dots, colons, dashes or underscores.',
      )
    }
    const text = secret.reveal()
    if (text === '') throw vaultProblem('vault_unfit', `The secret "${id}" is empty.`)
    let version = 0
    const after = await this.#core.change((content) => {
      version = 1 + Math.max(0, ...versionsOf(content, id).map((record) => record.version))
      const createdAt = this.#chance().at
      const facts = { id, version, kind, state, providerType, origin, createdAt }
      const { random } = this.#ports
      return withRecord(content, { ...facts, ...compact({ expiresAt }) }, { text, random })
    })
    return this.#view(after, { id, version })
  }

  reveal(id: string, { providerType, origin, version }: Asking): Secret {
    const open = this.#core.open
    const record = recordFor(open.content, { id, ...compact({ version }) })
    if (open.refused.has(recordKey(record))) throw refused(record)
    if (record.providerType !== providerType || record.origin !== origin) {
      throw vaultProblem(
        'secret_elsewhere',
        `The secret "${id}" is for ${record.providerType} at ${record.origin} alone. Add it again for the new address.`,
      )
    }
    const text = textOf(open.content, record)
    if (text === undefined) throw refused(record)
    return new Secret(text)
  }

  list(id?: string): readonly SecretView[] {
    const open = this.#core.open
    const records = [...open.content.records.values()].filter(
      (record) =>
        (id === undefined || record.id === id) &&
        Object.hasOwn(open.content.header.records, recordKey(record)),
    )
    return records
      .toSorted((one, other) => {
        if (one.id !== other.id) return one.id < other.id ? -1 : 1
        return one.version - other.version
      })
      .map((record) => viewIn(open, record))
  }

  async setState({ id, version }: VersionOf, state: 'active' | 'retired'): Promise<SecretView> {
    const after = await this.#core.change((content) => {
      const record = recordFor(content, { id, version })
      return withRecords(content, [{ ...record, state, changedAt: this.#chance().at }])
    })
    return this.#view(after, { id, version })
  }

  async remove({ id, version }: { readonly id: string; readonly version?: number }): Promise<void> {
    await this.#core.change((content) => {
      const known = Object.keys(content.header.records)
      const gone = known.filter((key) =>
        version === undefined
          ? key.replace(/\/\d+$/, '') === id
          : key === recordKey({ id, version }),
      )
      if (gone.length === 0) throw unknown(id, version)
      return withoutRecords(content, gone)
    })
  }

  /** Every call of a client asks for one: each is derived once while the root keys are the same. */
  key(label: KeyLabel, generation?: number): VaultKey {
    const { content } = this.#core.open
    const wanted = `${label} ${generation ?? newestGeneration(content.header)}`
    const made = this.#keys.get(content.roots) ?? new Map<string, VaultKey>()
    const known = made.get(wanted)
    if (known !== undefined) return known
    const key = this.#derive(content, { label, ...compact({ generation }) })
    this.#keys.set(content.roots, made.set(wanted, key))
    return key
  }

  #derive(
    content: OpenContent,
    { label, generation }: { readonly label: KeyLabel; readonly generation?: number },
  ): VaultKey {
    const root = generation === undefined ? newestRoot(content) : content.roots.get(generation)
    const known = content.header.keyring.find((one) => one.generation === root?.generation)
    if (root === undefined || known === undefined) {
      throw vaultProblem('vault_unfit', `The vault has no keys of generation ${generation}.`)
    }
    const purpose = ['patchbay/v1/key', label, content.header.vaultId]
    const secret = derive(root.secret, { purpose })
    return { generation: root.generation, secret, createdAt: known.createdAt }
  }

  async create(slots: readonly SlotRequest[]): Promise<void> {
    await this.#core.replace(async (found) => {
      if (found !== undefined || this.#core.state.state !== 'absent') {
        throw vaultProblem(
          'vault_present',
          'There is a vault already. See it: patchbay vault status.',
        )
      }
      const content = emptyContent(this.#chance())
      if (slots.length === 0 && this.#core.lasts) {
        throw vaultProblem('vault_unfit', 'A vault needs a slot with a key to open it by.')
      }
      const made = await this.#slots(slots, content)
      const [first] = slots
      const [slot] = made
      if (first === undefined || slot === undefined) return content
      const slotKey = await slotKeyOf(first.given, slot, content.header.vaultId)
      return { ...withSlots(content, made), ...compact({ slotKey }) }
    })
    const [first] = slots
    if (first !== undefined) this.#ports.keyed?.([first.given])
  }

  async unlock(keys: readonly GivenKey[], options?: UnlockOptions): Promise<void> {
    if (this.state === 'open') return
    await this.#core.unlock(keys, options)
    this.#ports.keyed?.(keys)
  }

  /** Why it stays sealed. */
  explain(reason: GatewayError): void {
    this.#core.explain(reason)
  }

  async lock(): Promise<void> {
    // First: who opens it where it is found sealed must know that it is to stay so.
    this.#ports.keyed?.(undefined)
    await this.#core.lock()
  }

  refresh(): Promise<void> {
    return this.#core.refresh()
  }

  async addSlot(request: SlotRequest): Promise<SlotView> {
    let added: Slot | undefined
    await this.#core.change(async (content) => {
      const made = await this.#slots([request], content)
      added = made[0]
      return withSlots(content, [...content.header.slots, ...made])
    })
    return viewOf(present(added))
  }

  async removeSlot(id: string): Promise<void> {
    await this.#core.change((content) => {
      const { slots } = content.header
      assertSlot(slots, id)
      if (slots.length === 1) {
        throw vaultProblem(
          'vault_unfit',
          'It is the only slot: without it nobody could open the vault. Add another first.',
        )
      }
      return withSlots(
        content,
        slots.filter((slot) => slot.id !== id),
      )
    })
  }

  async replaceSlot(id: string, request: SlotRequest): Promise<SlotView> {
    let added: Slot | undefined
    let isOpener = false
    await this.#core.change(async (content) => {
      const { slots, vaultId } = content.header
      assertSlot(slots, id)
      isOpener = content.slotKey?.slotId === id
      const [made] = await this.#slots([request], content)
      added = made
      const next = withSlots(
        content,
        slots.map((slot) => (slot.id === id ? present(made) : slot)),
      )
      if (!isOpener) return next
      const slotKey = await slotKeyOf(request.given, present(made), vaultId)
      return { ...next, ...compact({ slotKey }) }
    })
    if (isOpener) this.#ports.keyed?.([request.given])
    return viewOf(present(added))
  }

  async assertKey(keys: readonly GivenKey[]): Promise<void> {
    await openingKey(keys, this.#core.open.written.header)
  }

  async rotateRoot(): Promise<number> {
    const { content } = await this.#core.change((before) => rotated(before, this.#chance()))
    const generation = newestGeneration(content.header)
    this.#ports.hear?.({ type: 'vault-rotated', generation })
    return generation
  }

  async check(): Promise<readonly string[]> {
    await this.#core.refresh()
    const { content, refused } = this.#core.open
    const closed = [...content.records].filter(([key, record]) => {
      return !Object.hasOwn(content.header.records, key) || textOf(content, record) === undefined
    })
    return [...new Set([...refused, ...closed.map(([key]) => key)])].toSorted()
  }

  async backup({ slots = [], ageKeys = [] }: BackupRecipients = {}): Promise<string> {
    const { content, refused } = this.#core.open
    const making = this.#making(content)
    const made = await this.#slots(slots, content)
    const forAge = ageKeys.map((key) =>
      slotFor(key, { id: this.#newId(), type: 'age', createdAt: this.#chance().at }, making),
    )
    const own = made.length + forAge.length === 0 ? content.header.slots : [...made, ...forAge]
    const { header } = withoutRecords(withSlots(content, own), [...refused])
    const records = [...content.records].filter(([key]) => Object.hasOwn(header.records, key))
    const kept = records.map(([, record]) => record)
    return printVault({ header: signed(header, newestRoot(content)), records: kept })
  }

  async restore(
    text: string,
    keys: readonly GivenKey[],
    { acceptRollback }: UnlockOptions = {},
  ): Promise<void> {
    const { header, records } = parseVault(text)
    await this.#core.replace(async (found) => {
      const isOther = found !== undefined && found.header.vaultId !== header.vaultId
      const isOlder = found !== undefined && header.epoch < found.highest
      if ((isOther || isOlder) && acceptRollback !== true) {
        const why = isOther ? 'is of another vault than' : 'is older than'
        throw vaultProblem(
          'vault_rollback',
          `The file ${why} the one that is here: what was added since would be lost. If you want that: --accept-rollback.`,
        )
      }
      const slotKey = await openingKey(keys, header)
      const roots = openHeader(header, slotKey)
      if (roots === undefined) {
        throw vaultProblem(
          'vault_tampered',
          'The file was changed by somebody who does not have its key.',
        )
      }
      const { mac: _, ...unsigned } = header
      const map = new Map(records.map((record) => [recordKey(record), record]))
      return { header: unsigned, roots, records: map, slotKey }
    })
    this.#ports.keyed?.(keys)
  }

  async #slots(requests: readonly SlotRequest[], content: OpenContent): Promise<readonly Slot[]> {
    const making = this.#making(content)
    const made: Slot[] = []
    // One after another: a passphrase takes much memory.
    for (const { type, given, label, cost } of requests) {
      const priced = type === 'passphrase' ? (cost ?? USUAL_COST) : undefined
      const head = { id: this.#newId(), type, createdAt: this.#chance().at, given }
      made.push(await makeSlot({ ...head, ...compact({ label, cost: priced }) }, making))
    }
    return made
  }

  #making(content: OpenContent): Parameters<typeof makeSlot>[1] {
    const { vaultId } = content.header
    return { vaultId, root: newestRoot(content), random: this.#ports.random }
  }

  #newId(): string {
    return this.#ports.random(6).toString('hex')
  }

  #chance(): Chance {
    const { random, now } = this.#ports
    return { random, at: new Date(now()).toISOString() }
  }

  #view(open: OpenState, { id, version }: VersionOf): SecretView {
    return viewIn(open, recordFor(open.content, { id, version }))
  }
}

function versionsOf({ records, header }: OpenContent, id: string): readonly SecretRecord[] {
  return [...records.values()].filter(
    (record) => record.id === id && Object.hasOwn(header.records, recordKey(record)),
  )
}

/** That version, else the newest active one. */
function recordFor(
  content: OpenContent,
  { id, version }: { readonly id: string; readonly version?: number },
): SecretRecord {
  const found = versionsOf(content, id).filter((record) =>
    version === undefined ? record.state === 'active' : record.version === version,
  )
  const newest = found.toSorted((one, other) => other.version - one.version)[0]
  if (newest === undefined) throw unknown(id, version)
  return newest
}

function viewIn({ refused }: OpenState, record: SecretRecord): SecretView {
  const { generation: _, salt: __, sealed: ___, ...facts } = record
  return { ...facts, isRefused: refused.has(recordKey(record)) }
}

function viewOf({ id, type, label, createdAt }: Slot): SlotView {
  return compact({ id, type, label, createdAt })
}

function present(slot: Slot | undefined): Slot {
  if (slot === undefined) throw new TypeError('no slot was made')
  return slot
}

function assertSlot(slots: readonly Slot[], id: string): void {
  if (slots.some((slot) => slot.id === id)) return
  throw vaultProblem(
    'vault_unfit',
    `The vault has no slot "${id}". See which there are: patchbay vault slot list.`,
  )
}

function unknown(id: string, version: number | undefined): Error {
  const what = version === undefined ? 'in use' : `of version ${version}`
  return vaultProblem('secret_unknown', `The vault has no secret "${id}" ${what}.`)
}

function refused({ id, version }: SecretRecord): Error {
  return vaultProblem(
    'secret_refused',
    `The secret "${id}" (version ${version}) is not what was stored: it does not open. Add it again, or restore a backup; see patchbay vault fsck.`,
  )
}
