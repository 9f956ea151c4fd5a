// Which gateways live, and what those who do not have left open.
import { compact } from '../../canonical/compact.ts'
import type { Exchange } from '../../exchange/exchange.ts'
import type { AttemptLabels, Settlement } from '../../ledger/ledger.ts'
import { parseJson } from '../../wire/json.ts'
import type { Operation, Row } from '../operation.ts'
import { numberIn, optionalTextIn, textIn } from '../row.ts'
import { appliedIn } from './budgets-text.ts'

export interface Lease {
  readonly holder: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export const renewHolder: Operation<Lease, void> = {
  name: 'ledger/renew',
  *steps({ holder, expiresAt }) {
    yield {
      sql: `INSERT INTO ledger_holders (id, expires_at) VALUES ($1, $2)
        ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`,
      values: [holder, expiresAt],
    }
  },
}

/** It ends well: whatever it may have left open is for others. */
export const leaveHolder: Operation<{ readonly holder: string }, void> = {
  name: 'ledger/leave',
  *steps({ holder }) {
    yield { sql: 'DELETE FROM ledger_holders WHERE id = $1', values: [holder] }
  },
}

export const livingHolders: Operation<{ readonly now: number }, readonly string[]> = {
  name: 'ledger/living',
  reads: true,
  *steps({ now }) {
    const rows = yield {
      sql: 'SELECT id FROM ledger_holders WHERE expires_at >= $1',
      values: [now],
    }
    return rows.map((row) => textIn(row, 'id'))
  },
}

export interface Search {
  readonly now: number
  readonly limit: number
}

/** What was dispatched by gateways that are not heard of any more, with what it has used as far as they said. */
export const deserted: Operation<Search, readonly Settlement[]> = {
  name: 'ledger/deserted',
  *steps({ now, limit }) {
    yield { sql: 'DELETE FROM ledger_holders WHERE expires_at < $1', values: [now] }
    const rows = yield {
      sql: `SELECT l.attempt_id, l.call_id, l.at, l.operation, l.caller, l.team, l.parents, l.route, l.provider, l.model,
        l.credential, l.price, o.reserved_nano, o.budgets, o.input_tokens, o.output_tokens, o.nano_usd
        FROM open_attempts o JOIN ledger l ON l.attempt_id = o.attempt_id AND l.kind = 'dispatch'
        WHERE NOT EXISTS (SELECT 1 FROM ledger_holders h WHERE h.id = o.holder)
        ORDER BY o.attempt_id LIMIT $1`,
      values: [limit],
    }
    return rows.map((row) => crashed(row, now))
  },
}

function crashed(row: Row, now: number): Settlement {
  const labels = labelsIn(row)
  const nanoUsd = row['nano_usd'] === null ? undefined : numberIn(row, 'nano_usd')
  return compact({
    ...labels,
    endedAt: now,
    tokens: { input: numberIn(row, 'input_tokens'), output: numberIn(row, 'output_tokens') },
    nanoUsd,
    source: 'crash_estimate' as const,
    status: 'crashed' as const,
    latencyMs: Math.max(0, now - labels.at),
    reserveNano: numberIn(row, 'reserved_nano'),
    budgets: appliedIn(textIn(row, 'budgets')),
  })
}

function labelsIn(row: Row): AttemptLabels {
  return compact({
    attemptId: textIn(row, 'attempt_id'),
    callId: textIn(row, 'call_id'),
    operation: operationIn(row),
    caller: optionalTextIn(row, 'caller'),
    team: optionalTextIn(row, 'team'),
    parents: parentsIn(row),
    route: optionalTextIn(row, 'route'),
    provider: textIn(row, 'provider'),
    model: textIn(row, 'model'),
    credential: optionalTextIn(row, 'credential'),
    price: optionalTextIn(row, 'price'),
    at: numberIn(row, 'at'),
  })
}

function parentsIn(row: Row): readonly string[] | undefined {
  const text = optionalTextIn(row, 'parents')
  const list = text === undefined ? undefined : parseJson(text)
  return Array.isArray(list) ? list.map(String) : undefined
}

function operationIn(row: Row): Exchange['operation'] {
  const text = textIn(row, 'operation')
  return text === 'embed' || text === 'count-tokens' ? text : 'chat'
}
