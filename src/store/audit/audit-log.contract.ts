// The suite that the audit log passes on every database: what was written down comes back, and whatever is done to it shows.
import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DatabaseSubject } from '../documents/documents.contract.ts'
import type { Database, Operation } from '../operation.ts'
import type { Anchor } from './anchor.ts'
import { AuditLog } from './audit-log.ts'
import type { ChainKey, ChainKeys } from './chain.ts'
import type { AuditDeed, AuditHead } from './entry.ts'
import type { AuditFilter } from './operations.ts'

/** What somebody does who can write the database. */
function tampering(sql: string): Operation<null, null> {
  return {
    name: 'test/tampering',
    *steps() {
      yield { sql }
      return null
    },
  }
}

function key(generation: number): ChainKey {
  return { generation, secret: createSecretKey(Buffer.alloc(32, generation)) }
}

function deed(number: number): AuditDeed {
  return {
    actor: 'admin',
    actorId: number % 2 === 0 ? 'even' : 'odd',
    role: 'owner',
    action: number % 3 === 0 ? 'key.create' : 'route.set',
    subject: `thing-${number}`,
    outcome: number === 5 ? 'refused' : 'done',
    status: 200,
    requestId: `req_${number}`,
    details: { fields: ['a', 'b'], limit: number },
  }
}

async function found(log: AuditLog, filter: AuditFilter): Promise<readonly number[]> {
  return (await log.list({ filter, limit: 10 })).map(({ seq }) => seq)
}

class MemoryAnchor implements Anchor {
  head: AuditHead | undefined

  async read(): Promise<AuditHead | undefined> {
    return this.head
  }

  async note(head: AuditHead): Promise<void> {
    this.head = head
  }
}

export function auditLogContract({ name, open }: DatabaseSubject): void {
  describe(`the audit log in ${name}`, () => {
    let database: Database
    let anchor: MemoryAnchor
    let log: AuditLog
    let now = 1000
    let keys: ChainKeys

    beforeEach(async () => {
      now = 1000
      database = await open()
      anchor = new MemoryAnchor()
      keys = { current: () => key(1), of: (generation) => key(generation) }
      log = fresh()
    })
    afterEach(async () => database.close())

    function fresh(): AuditLog {
      return new AuditLog({ database, now: () => (now += 1), keys, anchor })
    }

    async function written(count: number): Promise<void> {
      for (let at = 1; at <= count; at += 1) await log.record(deed(at))
    }

    it('gives back what was written down, the newest first, a page at a time', async () => {
      await written(7)
      const page = await log.list({ limit: 3 })
      expect(page.map(({ seq }) => seq)).toEqual([7, 6, 5])
      expect(page[0]).toMatchObject({ ...deed(7), at: 1007, generation: 1 })
      const next = await log.list({ limit: 3, before: 5 })
      expect(next.map(({ seq }) => seq)).toEqual([4, 3, 2])
    })

    it('is searched by who, what, whom, how it went and when', async () => {
      await written(7)
      expect(await found(log, { actorId: 'even' })).toEqual([6, 4, 2])
      expect(await found(log, { action: 'key.create' })).toEqual([6, 3])
      expect(await found(log, { subject: 'thing-4' })).toEqual([4])
      expect(await found(log, { outcome: 'refused' })).toEqual([5])
      expect(await found(log, { since: 1003, until: 1005 })).toEqual([4, 3])
      expect(await found(log, { action: "x' OR '1'='1" })).toEqual([])
    })

    it('is whole where nobody touched it', async () => {
      expect(await log.verify()).toEqual({ entries: 0, keyed: 0, unprotected: 0, unchecked: 0 })
      await written(4)
      expect(await log.verify()).toEqual({ entries: 4, keyed: 4, unprotected: 0, unchecked: 0 })
    })

    it('is whole whatever is written down', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 20 })
      const strange = fc.oneof(text, fc.constantFrom('\u0000', '\ud800', '\u2028', '"', "'"))
      const deeds = fc.record({ subject: strange, requestId: strange, told: fc.jsonValue() })
      await fc.assert(
        fc.asyncProperty(fc.array(deeds, { maxLength: 5 }), async (all) => {
          for (const { told, ...words } of all) {
            const details = { told: JSON.stringify(told), [words.subject]: words.requestId }
            await log.record({ ...deed(1), ...words, details })
          }
          expect((await log.verify()).fault).toBeUndefined()
        }),
        { numRuns: 15 },
      )
    })

    it('goes on where another process wrote, and two that write at once leave no gap', async () => {
      const other = fresh()
      await written(2)
      await other.record(deed(3))
      await Promise.all(
        Array.from({ length: 10 }, (_, at) => [
          log.record(deed(at)),
          other.record(deed(at)),
        ]).flat(),
      )
      expect(await log.verify()).toMatchObject({ entries: 23 })
      expect((await log.verify()).fault).toBeUndefined()
    })

    it.each([
      ["UPDATE audit SET subject = 'other' WHERE seq = 3", 'edited', 3],
      ["UPDATE audit SET details = '{}' WHERE seq = 3", 'edited', 3],
      ["UPDATE audit SET details = 'no json' WHERE seq = 3", 'edited', 3],
      ['UPDATE audit SET actor_id = NULL WHERE seq = 2', 'edited', 2],
      ["UPDATE audit SET outcome = 'unheard of' WHERE seq = 2", 'edited', 2],
      ['UPDATE audit SET at = at + 1 WHERE seq = 1', 'edited', 1],
      ['DELETE FROM audit WHERE seq = 2', 'removed', 2],
      ['DELETE FROM audit WHERE seq = 1', 'removed', 1],
      ['UPDATE audit SET seq = 7 - seq WHERE seq IN (3)', 'removed', 3],
      ['UPDATE audit SET seq = seq + 100 WHERE seq > 2', 'removed', 3],
      ['DELETE FROM audit WHERE seq > 3', 'truncated', 4],
      ['DELETE FROM audit', 'truncated', 1],
      ['UPDATE audit_head SET seq = 3', 'added', 4],
      ["UPDATE audit_head SET signature = 'x'", 'head', 5],
    ])('shows what was done to it: %s', async (sql, fault, seq) => {
      await written(5)
      // Its place may be taken: whoever reorders makes room first.
      if (sql.includes('7 - seq'))
        await database.run(tampering('DELETE FROM audit WHERE seq = 4'), null)
      await database.run(tampering(sql), null)
      expect((await log.verify()).fault).toEqual({ fault, seq })
    })

    it('shows entries that changed places', async () => {
      await written(4)
      await database.run(tampering('UPDATE audit SET seq = 100 WHERE seq = 2'), null)
      await database.run(tampering('UPDATE audit SET seq = 2 WHERE seq = 3'), null)
      await database.run(tampering('UPDATE audit SET seq = 3 WHERE seq = 100'), null)
      expect((await log.verify()).fault).toEqual({ fault: 'edited', seq: 2 })
    })

    it('shows an end that was cut off together with its signature, by what was noted elsewhere', async () => {
      await written(3)
      const earlier = anchor.head
      await written(2)
      const { seq = 0, hash = '', signature = '' } = earlier ?? {}
      await database.run(tampering('DELETE FROM audit WHERE seq > 3'), null)
      await database.run(
        tampering(
          `UPDATE audit_head SET seq = ${seq}, hash = '${hash}', signature = '${signature}'`,
        ),
        null,
      )
      expect((await log.verify()).fault).toEqual({ fault: 'truncated', seq: 4 })
      // The next start writes down that it was so, before the file forgets it.
      const next = fresh()
      expect(await next.open()).toMatchObject({ seq: 5 })
      expect((await next.list({ limit: 1 }))[0]).toMatchObject({
        action: 'audit.broken',
        details: { noted: 5, found: 3 },
      })
      expect(await fresh().open()).toBeUndefined()
    })

    it('shows a log that was written anew by somebody without the key', async () => {
      await written(3)
      await database.run(tampering('DELETE FROM audit'), null)
      await database.run(tampering("UPDATE audit_head SET seq = 0, hash = ''"), null)
      const forger = new AuditLog({ database, now: () => (now += 1) })
      for (let at = 1; at <= 3; at += 1) await forger.record(deed(at))
      expect((await log.verify()).fault).toEqual({ fault: 'anchor', seq: 3 })
    })

    it('keeps what was written before its key was changed, and says what had none', async () => {
      await written(2)
      keys = { current: () => key(2), of: (generation) => key(generation) }
      log = fresh()
      await written(2)
      keys = { current: () => undefined, of: (generation) => key(generation) }
      log = fresh()
      await written(1)
      expect(await log.verify()).toEqual({ entries: 5, keyed: 4, unprotected: 1, unchecked: 0 })
      keys = { current: () => undefined, of: () => undefined }
      expect(await fresh().verify()).toEqual({ entries: 5, keyed: 4, unprotected: 1, unchecked: 4 })
      keys = { current: () => key(2), of: () => key(9) }
      expect((await fresh().verify()).fault).toEqual({ fault: 'edited', seq: 1 })
    })
  })
}
