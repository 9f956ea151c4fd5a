// Opens the vault of a server with what keys there are. Without one it stays sealed, and is asked for again where a place did not answer.
import { randomBytes as systemBytes } from 'node:crypto'
import type { After } from '../../canonical/after.ts'
import { compact } from '../../canonical/compact.ts'
import { GatewayError } from '../../canonical/errors.ts'
import { type PatchbayConfig, isLoopbackHost } from '../../config/schema.ts'
import { vaultPlaces } from '../../config/vault-places.ts'
import type { Tell } from '../../exchange/happening.ts'
import { Documents } from '../../store/documents/documents.ts'
import type { Database } from '../../store/operation.ts'
import { SecretRows } from '../../store/vault/secret-rows.ts'
import { DiskFile } from '../../vault/disk-file.ts'
import { DiskWitness } from '../../vault/disk-witness.ts'
import { FileVault } from '../../vault/file-vault.ts'
import type { GivenKey } from '../../vault/given-key.ts'
import { findKey } from '../../vault/find-key.ts'
import type { FoundKey } from '../../vault/key-sources/key-source.ts'
import type { LoadKeychain } from '../../vault/key-sources/keychain.ts'
import { NO_FILE, NO_WITNESS, type Shelf } from '../../vault/vault-shelf.ts'
import type { VaultPorts } from '../../vault/vault-core.ts'
import type { RandomBytes } from '../../vault/record-cipher.ts'
import type { LocalServer } from '../../transport/local-socket.ts'
import { openControl } from './control.ts'
import { keyPlaces } from './key-places.ts'
import { makeKeyFile } from './make-key-file.ts'

export interface OpenVaultOptions {
  readonly config: PatchbayConfig
  readonly env: Readonly<Record<string, string | undefined>>
  readonly database: Database
  readonly now: () => number
  readonly after: After
  readonly tell: Tell
  /** Default: those of the system. */
  readonly randomBytes?: RandomBytes
  /** Takes a variable out of the environment of this process. */
  readonly forget?: (name: string) => void
  /** Whether a vault is made where there is none and a key is found. Default true. */
  readonly createsWithFound?: boolean
  /** Whether a key may be made where there is neither a vault nor a key, and the configuration allows it. */
  readonly mayInit?: boolean
  readonly loadKeychain?: LoadKeychain
  /** With what another process of this server has opened it; tried before any other. */
  readonly given?: readonly GivenKey[]
  /** Hears with which keys it was opened, and that it was locked. */
  readonly keyed?: VaultPorts['keyed']
}

export interface OpenedVault {
  readonly vault: FileVault
  /** What this start made: the vault, and perhaps its key. To be said aloud. */
  readonly made?: { readonly where: string; readonly keyFile?: string }
  /** What its owner should hear; more may come while it listens. */
  readonly warnings: readonly string[]
  /** Lets its keeper in, through the socket in the data folder. */
  listen(): Promise<void>
  close(): Promise<void>
}

const RETRY_MS = 1000
const RETRY_MOST_MS = 60_000

/** Throws `vault_key_unfit` where a key is there that may not be used as it is. */
export async function openVault(options: OpenVaultOptions): Promise<OpenedVault> {
  const { config, env, database, now, tell, randomBytes: random = systemBytes } = options
  const isMemory = config.store?.url?.reveal() === 'memory:'
  const records = new SecretRows(new Documents(database, now), { lasts: !isMemory })
  const places = vaultPlaces(config, env)
  const shelf: Shelf = {
    records,
    file: isMemory ? NO_FILE : new DiskFile({ path: places.file, keeps: true }),
    witness:
      isMemory || places.witness === undefined
        ? NO_WITNESS
        : new DiskWitness(new DiskFile({ path: places.witness })),
  }
  const { keyed } = options
  const vault = await FileVault.open({ shelf, random, now, hear: tell, ...compact({ keyed }) })
  if (isMemory) {
    await vault.create([])
    return { vault, warnings: [], listen: async () => {}, close: async () => {} }
  }
  const opening = new Opening(vault, options)
  return opening.open()
}

/** One start's way from what is found to an open vault, or to the reason why it is not. */
class Opening {
  readonly #vault: FileVault
  readonly #options: OpenVaultOptions
  readonly #sources: ReturnType<typeof keyPlaces>
  readonly #warnings: string[] = []
  #control: LocalServer | undefined
  #cancel: () => void = nothing

  constructor(vault: FileVault, options: OpenVaultOptions) {
    const { config, env, forget = nothing, loadKeychain } = options
    this.#vault = vault
    this.#options = options
    this.#sources = keyPlaces({ config, env, forget, ...compact({ loadKeychain }) })
  }

  async open(): Promise<OpenedVault> {
    const { given = [] } = this.#options
    if (given.length > 0 && this.#vault.isSealed) {
      await this.#unlock(given)
      if (!this.#vault.isSealed) return this.#opened(undefined)
    }
    const { found, unreachable } = await findKey(this.#sources)
    const { warning } = found ?? {}
    if (warning !== undefined) this.#warnings.push(warning)
    if (this.#vault.status().state === 'absent') {
      const made = found === undefined ? await this.#init(unreachable) : await this.#adopt(found)
      return this.#opened(made)
    }
    if (found !== undefined) await this.#unlock([found.given])
    else if (unreachable !== undefined) this.#later(unreachable)
    return this.#opened(undefined)
  }

  #opened(made: OpenedVault['made']): OpenedVault {
    return {
      vault: this.#vault,
      warnings: this.#warnings,
      listen: () => this.#listen(),
      close: async () => {
        this.#cancel()
        await this.#control?.close()
      },
      ...compact({ made }),
    }
  }

  /** Without the socket all else goes on: a running vault is then changed by a restart. */
  async #listen(): Promise<void> {
    try {
      this.#control = await openControl(this.#vault, this.#options)
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown
      this.#warnings.push(
        `The vault cannot be looked after while this server runs: ${thrown.message}`,
      )
    }
  }

  /** The operator has given a key: a vault for it is what was meant. */
  async #adopt(found: FoundKey): Promise<OpenedVault['made']> {
    return this.#options.createsWithFound === false ? undefined : this.#create(found)
  }

  async #create({ type, given, where }: FoundKey): Promise<OpenedVault['made']> {
    await this.#vault.create([{ type, given }])
    return { where }
  }

  /** A place that does not answer may have the key: none is made in its stead. */
  async #init(unreachable: GatewayError | undefined): Promise<OpenedVault['made']> {
    const { config, env, randomBytes: random = systemBytes, mayInit = false } = this.#options
    const { usualKey } = vaultPlaces(config, env)
    const allowed =
      mayInit && config.vault?.autoInit !== false && isLoopbackHost(config.server.host)
    if (!allowed || unreachable !== undefined || usualKey === undefined) return undefined
    const key = await makeKeyFile(usualKey, { random, outside: config.dataDir })
    return { ...(await this.#create(key)), where: key.where, keyFile: key.where }
  }

  async #unlock(given: readonly GivenKey[]): Promise<void> {
    try {
      await this.#vault.unlock(given)
    } catch (thrown) {
      // It stays sealed and says why; nothing else is tried, least of all another key.
      if (!(thrown instanceof GatewayError)) throw thrown
      this.#vault.explain(thrown)
    }
  }

  #later(unreachable: GatewayError, waitMs?: number): void {
    const { after, config, tell } = this.#options
    const { retryMs = RETRY_MS, retryMostMs = RETRY_MOST_MS } = config.vault ?? {}
    const wait = Math.min(waitMs ?? retryMs, retryMostMs)
    this.#vault.explain(unreachable)
    this.#cancel = after(wait, () => {
      this.#again(wait * 2).catch((thrown: unknown) => {
        const reason = thrown instanceof GatewayError ? (thrown.code ?? thrown.kind) : 'internal'
        tell({ type: 'vault-state', state: 'sealed', reason })
      })
    })
  }

  async #again(nextWaitMs: number): Promise<void> {
    if (this.#vault.status().state !== 'sealed') return
    const { found, unreachable } = await findKey(this.#sources)
    if (found !== undefined) await this.#unlock([found.given])
    else if (unreachable !== undefined) this.#later(unreachable, nextWaitMs)
  }
}

function nothing(): void {}
