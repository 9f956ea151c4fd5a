// Makes, changes and removes teams.
import type { TeamRecord } from '../../access/key-record.ts'
import { teamJson, teamOf } from '../../access/record-json.ts'
import type { Document, Expected } from '../../store/documents/document.ts'
import type { Documents, PageOptions } from '../../store/documents/documents.ts'
import { changed, scopeOf } from './holding-change.ts'
import type { NewTeam, TeamChange } from './key-schema.ts'
import { TEAM } from './kinds.ts'
import { gone } from './missing.ts'
import { onceMore } from './once-more.ts'

export interface StoredTeam {
  readonly record: TeamRecord
  readonly document: Document
}

export class TeamDesk {
  readonly #documents: Documents

  constructor({ documents }: { readonly documents: Documents }) {
    this.#documents = documents
  }

  async list(page: PageOptions): Promise<readonly StoredTeam[]> {
    const found = await this.#documents.list(TEAM, page)
    return found.map((document) => ({ record: teamOf(document.id, document.body), document }))
  }

  /** Throws not_found. */
  async find(id: string): Promise<StoredTeam> {
    const document = await this.#documents.find({ kind: TEAM, id })
    if (document === undefined) throw gone('team', id)
    return { record: teamOf(id, document.body), document }
  }

  /** Throws conflict where there is one. */
  async create(asked: NewTeam, by: string): Promise<StoredTeam> {
    const { id, name = id, limits = {}, budget: budgets = [], tags = {} } = asked
    const record: TeamRecord = {
      id,
      name,
      scope: scopeOf(asked),
      limits,
      budgets,
      tags,
      state: 'active',
      createdBy: by,
    }
    return this.#write(record, 'absent')
  }

  async change(id: string, said: TeamChange, expected: Expected): Promise<StoredTeam> {
    return onceMore(expected, async () => {
      const { record, document } = await this.find(id)
      const next = { ...changed(record, said), state: said.state ?? record.state }
      return this.#write(next, expected === 'any' ? document.version : expected)
    })
  }

  /** Its keys are good for nothing from then on. */
  async remove(id: string, expected: Expected): Promise<void> {
    const { document } = await this.find(id)
    const state = expected === 'any' ? document.version : expected
    await this.#documents.write([{ kind: TEAM, id, expected: state }])
  }

  async #write(record: TeamRecord, expected: Expected): Promise<StoredTeam> {
    await this.#documents.write([{ kind: TEAM, id: record.id, body: teamJson(record), expected }])
    return this.find(record.id)
  }
}
