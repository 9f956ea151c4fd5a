// What can be done with kept answers, as operations on the database.
import { compact } from '../../canonical/compact.ts'
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import { type Json, parseJson } from '../../wire/json.ts'
import type { Conversation } from '../answer-store.ts'
import type { Operation, Row, Steps } from '../operation.ts'
import { numberIn, optionalTextIn, textIn } from '../row.ts'

/** Whose, and when it is asked for. */
interface Asking {
  readonly owner: string
  /** Milliseconds since 1970. */
  readonly now: number
}

interface Renewing extends Asking {
  /** Until when what is gone on from is kept. */
  readonly expiresAt: number
}

export interface Putting extends Renewing {
  readonly answer: KeptAnswer
  readonly bytes: number
  readonly maxEntries: number
  readonly maxBytes: number
}

const COLUMNS = 'id, previous, input, answer, items, turn'
/** A chain that is longer was made by nobody: it would be a circle. */
const LONGEST = 100_000

export const putAnswer: Operation<Putting, void> = {
  name: 'answers/put',
  *steps(putting) {
    const { owner, answer, bytes, expiresAt } = putting
    const { id, previous, input, items } = answer
    yield* drop(owner, id)
    if (previous !== undefined) yield* renew(putting, previous)
    const turn = yield* count(1)
    yield {
      sql: `INSERT INTO kept_answers (owner, id, previous, input, answer, items, bytes, turn, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      values: [
        owner,
        id,
        previous ?? null,
        input,
        answer.answer,
        JSON.stringify(items),
        bytes,
        turn,
        expiresAt,
      ],
    }
    for (const item of new Set(items)) {
      yield {
        sql: 'INSERT INTO kept_items (owner, item, id, turn) VALUES ($1, $2, $3, $4)',
        values: [owner, item, id, turn],
      }
    }
    yield* makeRoom(putting)
  },
}

export const findAnswer: Operation<Asking & { readonly id: string }, KeptAnswer | undefined> = {
  name: 'answers/find',
  reads: true,
  *steps({ owner, id, now }) {
    const rows = yield {
      sql: `SELECT ${COLUMNS} FROM kept_answers WHERE owner = $1 AND id = $2 AND expires_at > $3`,
      values: [owner, id, now],
    }
    return rows.map(kept)[0]
  },
}

export const goOnFrom: Operation<Renewing & { readonly id: string }, Conversation> = {
  name: 'answers/go-on',
  *steps(asking) {
    return yield* renew(asking, asking.id)
  },
}

export const goOnFromItem: Operation<Renewing & { readonly item: string }, KeptAnswer | undefined> =
  {
    name: 'answers/go-on-from-item',
    *steps({ owner, item, now, expiresAt }) {
      const turn = yield* count(1)
      const rows = yield {
        sql: `UPDATE kept_answers SET expires_at = $4, turn = $5 WHERE owner = $1 AND expires_at > $3 AND id =
        (SELECT i.id FROM kept_items AS i WHERE i.owner = $1 AND i.item = $2 ORDER BY i.turn DESC LIMIT 1) RETURNING ${COLUMNS}`,
        values: [owner, item, now, expiresAt, turn],
      }
      return rows.map(kept)[0]
    },
  }

export const removeAnswer: Operation<Asking & { readonly id: string }, boolean> = {
  name: 'answers/remove',
  *steps({ owner, id, now }) {
    const gone = yield* drop(owner, id)
    return gone.some((row) => numberIn(row, 'expires_at') > now)
  },
}

/** Gives how many are gone, at most `limit` at once, so that nobody waits for long. */
export const forgetAnswers: Operation<{ readonly now: number; readonly limit: number }, number> = {
  name: 'answers/forget',
  *steps({ now, limit }) {
    const old = yield {
      sql: 'SELECT owner, id FROM kept_answers WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2',
      values: [now, limit],
    }
    for (const row of old) yield* drop(textIn(row, 'owner'), textIn(row, 'id'))
    return old.length
  },
}

/** The last is the first to be given up, so that what others may go on from too outlives it. */
function* renew({ owner, now, expiresAt }: Renewing, id: string): Steps<Conversation> {
  const chain = `WITH RECURSIVE chain (id, previous, depth) AS (
    SELECT id, previous, 0 FROM kept_answers WHERE owner = $1 AND id = $2 AND expires_at > $3
    UNION ALL SELECT a.id, a.previous, c.depth + 1 FROM kept_answers AS a JOIN chain AS c ON a.id = c.previous
    WHERE a.owner = $1 AND a.expires_at > $3 AND c.depth < ${LONGEST})`
  const [length] = yield {
    sql: `${chain} SELECT COUNT(*) AS n FROM chain`,
    values: [owner, id, now],
  }
  const links = length === undefined ? 0 : numberIn(length, 'n')
  if (links === 0) return { answers: [], missing: id }
  const first = yield* count(links)
  const rows = yield {
    sql: `${chain} UPDATE kept_answers SET expires_at = $4, turn = $5 + (SELECT depth FROM chain WHERE chain.id = kept_answers.id)
      WHERE owner = $1 AND id IN (SELECT id FROM chain) RETURNING ${COLUMNS}`,
    values: [owner, id, now, expiresAt, first],
  }
  const oldestFirst = rows.toSorted((one, other) => numberIn(other, 'turn') - numberIn(one, 'turn'))
  const answers = oldestFirst.map(kept)
  return { answers, ...compact({ missing: answers[0]?.previous }) }
}

function* drop(owner: string, id: string): Steps<readonly Row[]> {
  yield { sql: 'DELETE FROM kept_items WHERE owner = $1 AND id = $2', values: [owner, id] }
  return yield {
    sql: 'DELETE FROM kept_answers WHERE owner = $1 AND id = $2 RETURNING expires_at',
    values: [owner, id],
  }
}

/** Whoever has most gives up what was longest ago. */
function* makeRoom({ maxEntries, maxBytes }: Putting): Steps<void> {
  for (;;) {
    const owners = (yield {
      sql: 'SELECT owner, COUNT(*) AS entries, COALESCE(SUM(bytes), 0) AS bytes FROM kept_answers GROUP BY owner',
    }).map((row) => ({
      owner: textIn(row, 'owner'),
      entries: numberIn(row, 'entries'),
      bytes: numberIn(row, 'bytes'),
    }))
    const total = (of: 'entries' | 'bytes'): number => owners.reduce((sum, one) => sum + one[of], 0)
    const over =
      total('bytes') > maxBytes ? 'bytes' : total('entries') > maxEntries ? 'entries' : undefined
    if (over === undefined) return
    const [most] = owners.toSorted((one, other) => other[over] - one[over])
    const [oldest] = yield {
      sql: 'SELECT id FROM kept_answers WHERE owner = $1 ORDER BY turn LIMIT 1',
      values: [most?.owner ?? ''],
    }
    if (most === undefined || oldest === undefined) return
    yield* drop(most.owner, textIn(oldest, 'id'))
  }
}

/** The first of so many turns. */
function* count(howMany: number): Steps<number> {
  const [row] = yield {
    sql: "UPDATE counters SET value = value + $1 WHERE name = 'answers' RETURNING value",
    values: [howMany],
  }
  if (row === undefined) throw new Error('the counter of answers is gone')
  return numberIn(row, 'value') - howMany + 1
}

function kept(row: Row): KeptAnswer {
  return {
    id: textIn(row, 'id'),
    input: textIn(row, 'input'),
    answer: textIn(row, 'answer'),
    items: textsIn(parseJson(textIn(row, 'items'))),
    ...compact({ previous: optionalTextIn(row, 'previous') }),
  }
}

function textsIn(value: Json): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
