// Reads the audit log from its beginning and says whether it is as it was written.
import { compact } from '../../canonical/compact.ts'
import type { FoundEntry } from './audit-row.ts'
import { BEGINNING, type ChainKeys, type Check, checkEntry, checkHead } from './chain.ts'
import type { AuditHead } from './entry.ts'

/**
 * `edited`: an entry does not say what was written; `removed`: one is missing; `relinked`: one does not follow the one before it;
 * `truncated`: the end is missing; `added`: an entry stands behind the end; `head`: the signed end was changed; `anchor`: the file beside the database knows another log.
 */
export type AuditFault =
  | 'edited'
  | 'removed'
  | 'relinked'
  | 'truncated'
  | 'added'
  | 'head'
  | 'anchor'

export interface AuditVerdict {
  readonly entries: number
  /** Those whose hash needs a key to be made. */
  readonly keyed: number
  /** Those at the end that whoever can write the database could have written: no entry with a key follows them. */
  readonly unprotected: number
  /** Those whose key is not at hand: of them only the order is known. */
  readonly unchecked: number
  /** The first that is wrong. Absent: nothing is. */
  readonly fault?: { readonly fault: AuditFault; readonly seq: number }
}

export interface Verifying {
  readonly keys: ChainKeys
  /** Entries that come after that number, the oldest first; none where there are none. */
  readonly read: (after: number) => Promise<readonly FoundEntry[]>
  /** The signed end in the database, as it is now. */
  readonly head: () => Promise<AuditHead>
  /** Ends that were noted elsewhere, such as in a file. */
  readonly anchors: readonly AuditHead[]
}

/** Others may write meanwhile. */
export async function verified(verifying: Verifying): Promise<AuditVerdict> {
  const { read, head: readHead, keys } = verifying
  const walk = new Walk(verifying)
  for (;;) {
    const page = await read(walk.last.seq)
    const fault = walk.over(page)
    if (fault !== undefined) return walk.verdict(fault)
    if (page.length > 0) continue
    const head = await readHead()
    if (head.seq > walk.last.seq) {
      // Written while this was read, or gone.
      if ((await read(walk.last.seq)).length > 0) continue
      return walk.verdict({ fault: 'truncated', seq: walk.last.seq + 1 })
    }
    return walk.verdict(walk.atEnd(head, checkHead(head, keys)))
  }
}

type Found = NonNullable<AuditVerdict['fault']>

/** From entry to entry. */
class Walk {
  readonly #options: Verifying
  #keyed = 0
  #unprotected = 0
  #unchecked = 0
  last: Pick<AuditHead, 'seq' | 'hash'> = BEGINNING

  constructor(options: Verifying) {
    this.#options = options
  }

  over(page: readonly FoundEntry[]): Found | undefined {
    for (const entry of page) {
      const fault = this.#past(entry)
      if (fault !== undefined) return fault
    }
    return undefined
  }

  atEnd(head: AuditHead, check: Check): Found | undefined {
    const { seq, hash } = this.last
    if (head.seq < seq) return { fault: 'added', seq: head.seq + 1 }
    if (seq > 0 && (check === 'bad' || head.hash !== hash)) return { fault: 'head', seq }
    const isBeyond = this.#options.anchors.some((anchor) => anchor.seq > seq)
    return isBeyond ? { fault: 'truncated', seq: seq + 1 } : undefined
  }

  verdict(fault: Found | undefined): AuditVerdict {
    return compact({
      entries: this.last.seq,
      keyed: this.#keyed,
      unprotected: this.#unprotected,
      unchecked: this.#unchecked,
      fault,
    })
  }

  #past(entry: FoundEntry): Found | undefined {
    const { seq } = entry
    const { keys, anchors } = this.#options
    if (seq !== this.last.seq + 1) return { fault: 'removed', seq: this.last.seq + 1 }
    if ('unreadable' in entry) return { fault: 'edited', seq }
    const check = checkEntry(entry, keys)
    if (check === 'bad') return { fault: 'edited', seq }
    if (entry.previous !== this.last.hash) return { fault: 'relinked', seq }
    const anchor = anchors.find((one) => one.seq === seq)
    if (anchor !== undefined && anchor.hash !== entry.hash) return { fault: 'anchor', seq }
    this.last = entry
    if (check === 'unknown') this.#unchecked += 1
    if (entry.generation > 0) this.#keyed += 1
    this.#unprotected = entry.generation > 0 ? 0 : this.#unprotected + 1
    return undefined
  }
}
