// A ledger that outlives the loss of its database: what no hard budget counts goes on, and is told to the database when it is back.
import type { After } from '../../canonical/after.ts'
import { GatewayError, toGatewayError } from '../../canonical/errors.ts'
import type { BudgetStanding } from '../../canonical/budget-standing.ts'
import type { AppliedBudget } from '../../ledger/budget.ts'
import type { Tell } from '../../exchange/happening.ts'
import type {
  Begun,
  Checkpoint,
  Ledger,
  Opening,
  Settled,
  Settlement,
} from '../../ledger/ledger.ts'
import type { Every } from '../../resilience/limits/lease.ts'
import type { JsonObject } from '../../wire/json.ts'
import { type StoreFailure, storeFailureIn } from '../store-failure.ts'
import { type SpooledRecord, recordOf, spooledIn } from './spooled.ts'
import { type Spool, leftSpools } from './spool.ts'
import type { StoredLedger } from './stored-ledger.ts'

export interface KeptLedgerOptions {
  readonly stored: StoredLedger
  readonly spool: Spool
  /** Where gateways of this machine spool. */
  readonly folder: string
  readonly every: Every
  readonly after: After
  /** Of this gateway, in milliseconds. */
  readonly leaseMs: number
  readonly tell: Tell
}

/** So often within a lease this gateway says that it lives. */
const SIGNS = 3
/** How often, and how soon, what another process holds is asked for again. */
const BUSY_TRIES = 6
const BUSY_MS = 50
/** When a caller that a lost database refused may come again. */
const COME_AGAIN_MS = 2000

export class KeptLedger implements Ledger {
  readonly #options: KeptLedgerOptions
  readonly #stop: () => void
  #tending: Promise<void> | undefined
  /** Why the database is lost; nobody who need not waits for it before it is found again. */
  #loss: GatewayError | undefined
  /** How much is being written. */
  #writing = 0
  /** Hears when nothing is. */
  #atRest: (() => void) | undefined

  private constructor(options: KeptLedgerOptions) {
    this.#options = options
    this.#stop = options.every(options.leaseMs / SIGNS, () => void this.tend())
  }

  /** Says that it lives, and settles what dead gateways left, before it is used. */
  static async open(options: KeptLedgerOptions): Promise<KeptLedger> {
    const ledger = new KeptLedger(options)
    await ledger.tend()
    return ledger
  }

  async begin(opening: Opening): Promise<Begun> {
    const { stored } = this.#options
    const isHard = opening.budgets.some(({ hard }) => hard)
    if (!isHard && this.#loss !== undefined) {
      if (await this.#keep({ type: 'begin', opening }, this.#loss)) {
        return { granted: true, standings: [] }
      }
    }
    try {
      return await this.#patient(() => stored.begin(opening))
    } catch (thrown) {
      const error = this.#lose(thrown)
      if (!isHard && (await this.#keep({ type: 'begin', opening }, error))) {
        return { granted: true, standings: [] }
      }
      this.#told(error, 'refused')
      // It may have been written all the same.
      void this.#keepQuietly({ type: 'annul', settlement: nothingOf(opening) })
      throw refused(error)
    }
  }

  async checkpoint(checkpoints: readonly Checkpoint[]): Promise<void> {
    await this.#options.stored.checkpoint(checkpoints)
  }

  async settle(settlement: Settlement): Promise<Settled> {
    const { stored } = this.#options
    if (this.#loss !== undefined) return this.#settleLater(settlement, this.#loss)
    try {
      return await this.#patient(() => stored.settle(settlement))
    } catch (thrown) {
      return this.#settleLater(settlement, this.#lose(thrown))
    }
  }

  stand(budgets: readonly AppliedBudget[]): Promise<readonly BudgetStanding[]> {
    return this.#options.stored.stand(budgets)
  }

  /** Says that this gateway lives, tells the database what waits for it, and settles what others left. One at a time. */
  tend(): Promise<void> {
    this.#tending ??= this.#tend()
      .catch((thrown: unknown) => {
        const error = toGatewayError(thrown)
        if (isLoss(error)) this.#lose(error)
        else this.#told(error, 'lost')
      })
      .finally(() => {
        this.#tending = undefined
      })
    return this.#tending
  }

  async close(): Promise<void> {
    this.#stop()
    while (this.#writing > 0) {
      await new Promise<void>((resolve) => {
        this.#atRest = resolve
      })
    }
    await this.#tending
    await this.tend()
    await this.#options.spool.close()
    await this.#options.stored.close().catch(() => undefined)
  }

  async #tend(): Promise<void> {
    const { stored, spool, folder, tell } = this.#options
    await stored.renew()
    this.#loss = undefined
    const own = spool.peek()
    if (own.length > 0) {
      await this.#replay({ records: own })
      await spool.drop(own.length)
    }
    const living = new Set(await stored.living())
    for (const left of await leftSpools(folder, (owner) => !living.has(owner))) {
      await this.#replay(left)
      await left.remove()
    }
    const attempts = await stored.recover()
    if (attempts > 0) tell({ type: 'ledger-recovered', attempts })
  }

  async #settleLater(settlement: Settlement, error: GatewayError): Promise<Settled> {
    await this.#keepQuietly({ type: 'settle', settlement })
    this.#told(error, 'kept')
    return { how: 'settled', standings: [] }
  }

  /** Throws what is no loss of the database: that is a defect, and no reason to go on. */
  #lose(thrown: unknown): GatewayError {
    const error = toGatewayError(thrown)
    if (!isLoss(error)) throw thrown
    if (storeFailureIn(error) !== 'busy') this.#loss = error
    return error
  }

  async #replay({ records, owner }: Replayed): Promise<void> {
    const { stored, tell } = this.#options
    let known = 0
    for (const record of records) {
      const spooled = spooledIn(record)
      if (spooled === undefined) continue
      try {
        if (!(await applied(stored, spooled, owner))) known += 1
      } catch (thrown) {
        const error = toGatewayError(thrown)
        if (isLoss(error)) throw error
        // What no database takes must not keep the others from it.
        this.#told(error, 'lost')
      }
    }
    tell({ type: 'ledger-replayed', records: records.length, known })
  }

  /** Another process may hold the database for a while: that is no loss of it. */
  async #patient<T>(work: () => Promise<T>): Promise<T> {
    this.#writing += 1
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          return await work()
        } catch (thrown) {
          if (!isBusy(thrown) || tries >= BUSY_TRIES) throw thrown
          await this.#pause(BUSY_MS * tries)
        }
      }
    } finally {
      this.#writing -= 1
      if (this.#writing === 0) this.#atRest?.()
    }
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.after(milliseconds, resolve)
    })
  }

  /** Whether it is on the disk. */
  async #keep(record: SpooledRecord, error: GatewayError): Promise<boolean> {
    try {
      await this.#options.spool.append(recordOf(record))
      this.#told(error, 'kept')
      return true
    } catch {
      return false
    }
  }

  /** In memory at the least: it is told when the database is back. */
  async #keepQuietly(record: SpooledRecord): Promise<void> {
    await this.#options.spool.append(recordOf(record)).catch(() => undefined)
  }

  #told(error: GatewayError, outcome: 'kept' | 'lost' | 'refused'): void {
    this.#options.tell({ type: 'ledger-failed', reason: error.code ?? error.kind, outcome })
  }
}

interface Replayed {
  readonly records: readonly JsonObject[]
  /** Whose they are, where that is another. */
  readonly owner?: string
}

/** False where the database knew it. */
async function applied(
  stored: StoredLedger,
  spooled: SpooledRecord,
  owner: string | undefined,
): Promise<boolean> {
  switch (spooled.type) {
    case 'begin':
      return stored.beginAgain(spooled.opening, owner)
    case 'settle':
      return (await stored.settle(spooled.settlement)).how !== 'known'
    case 'annul':
      await stored.annul(spooled.settlement)
      return true
  }
}

/** Those that end, and find everything as it was. */
const LOSSES: ReadonlySet<StoreFailure | undefined> = new Set([
  'busy',
  'full',
  'read_only',
  'unavailable',
  'uncertain',
])

function isBusy(thrown: unknown): boolean {
  return storeFailureIn(toGatewayError(thrown)) === 'busy'
}

function isLoss(error: GatewayError): boolean {
  return LOSSES.has(storeFailureIn(error))
}

function refused(cause: GatewayError): GatewayError {
  return new GatewayError(
    'overloaded',
    'What this call costs cannot be written down now, since the database of this gateway is lost. Nothing was asked of a provider: try again in a moment.',
    { code: 'ledger_unavailable', retryAfterMs: COME_AGAIN_MS, cause },
  )
}

function nothingOf(opening: Opening): Settlement {
  return {
    ...opening,
    endedAt: opening.at,
    tokens: {},
    nanoUsd: 0,
    source: 'none',
    status: 'failed',
    errorKind: 'ledger_unavailable',
    latencyMs: 0,
  }
}
