// The rows of a vault as documents: the header under `vault`, each version of a secret under `secret`.
import { GatewayError } from '../../canonical/errors.ts'
import {
  HEADER_KEY,
  type RowWrite,
  type SecretRecords,
  type VaultRow,
} from '../../vault/secret-records.ts'
import type { Document, DocumentWrite } from '../documents/document.ts'
import type { Documents } from '../documents/documents.ts'

const HEAD = { kind: 'vault', id: HEADER_KEY } as const
const RECORD_KIND = 'secret'
/** Looks at what others are writing just then. */
const LOOKS = 20

export class SecretRows implements SecretRecords {
  readonly lasts: boolean
  readonly #documents: Documents

  constructor(documents: Documents, { lasts }: { readonly lasts: boolean }) {
    this.#documents = documents
    this.lasts = lasts
  }

  async list(): Promise<readonly VaultRow[]> {
    // A kind is read page by page. Every writing goes through the header: the same one before and after, and nothing came between.
    for (let look = 0; look < LOOKS; look += 1) {
      const before = await this.#documents.find(HEAD)
      const records = await this.#documents.all(RECORD_KIND)
      const after = await this.#documents.find(HEAD)
      if (before?.version !== after?.version) continue
      return [
        ...(after === undefined ? [] : [rowOf(HEADER_KEY, after)]),
        ...records.map((one) => rowOf(one.id, one)),
      ]
    }
    throw new GatewayError('overloaded', 'The vault is being written all the time. Try again.', {
      code: 'vault_busy',
    })
  }

  async write(writes: readonly RowWrite[], headerRevision: number): Promise<number | undefined> {
    const asked: readonly DocumentWrite[] = writes.map(({ key, body }) => ({
      ...(key === HEADER_KEY ? HEAD : { kind: RECORD_KIND, id: key }),
      ...(body === undefined ? {} : { body }),
      ...(key === HEADER_KEY ? { expected: headerRevision === 0 ? 'absent' : headerRevision } : {}),
    }))
    try {
      const versions = await this.#documents.write(asked)
      return versions[asked.findIndex(({ kind }) => kind === HEAD.kind)]
    } catch (thrown) {
      if (thrown instanceof GatewayError && thrown.kind === 'conflict') return undefined
      throw thrown
    }
  }
}

function rowOf(key: string, { version, body }: Document): VaultRow {
  return { key, revision: version, body }
}
