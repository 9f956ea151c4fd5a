// What the server writes into the audit log: calls of admins that were to change something, those that were not let in, and its own start, reloads and end.
import { compact } from '../../canonical/compact.ts'
import type { GatewayError } from '../../canonical/errors.ts'
import type { Happening } from '../../exchange/happening.ts'
import type { AuditPort } from '../../store/audit/audit-log.ts'
import type { AuditDeed, AuditOutcome } from '../../store/audit/entry.ts'
import { type Json, type JsonObject, isObject } from '../../wire/json.ts'
import type { Caller } from '../auth.ts'
import type { Call, Route } from '../route.ts'
import type { AdminRecord, Deed, Refusal } from './governed.ts'

export interface AuditDeskOptions {
  readonly log: AuditPort
  /** Milliseconds. */
  readonly now: () => number
}

/** Refusals that are written down in a minute; of further ones only how many there were. */
const REFUSALS = 20
const WINDOW_MS = 60_000
const LONGEST_VALUE = 200

export class AuditDesk implements AdminRecord {
  readonly #options: AuditDeskOptions
  #windowEnds = -Infinity
  #refusals = 0

  constructor(options: AuditDeskOptions) {
    this.#options = options
  }

  async deed({ route, call, status, error }: Deed): Promise<void> {
    const { log } = this.#options
    await log.record({
      ...actorOf(call.caller),
      action: actionOf(route),
      outcome: error === undefined ? 'done' : outcomeOf(error),
      status,
      requestId: call.id,
      ...compact({ subject: subjectOf(route, call), details: detailsOf(route, call, error) }),
    })
  }

  async refusal({ id, route, caller, error }: Refusal): Promise<void> {
    const { log, now } = this.#options
    if (now() >= this.#windowEnds) {
      await this.#tellOfMore()
      this.#windowEnds = now() + WINDOW_MS
      this.#refusals = 0
    }
    this.#refusals += 1
    if (this.#refusals > REFUSALS) return
    await quietly(
      log.record({
        ...(caller === undefined ? { actor: 'anonymous' as const } : actorOf(caller)),
        action: actionOf(route),
        outcome: 'refused',
        status: error.status,
        requestId: id,
        ...compact({ details: reasonOf(error) }),
      }),
    )
  }

  async event(action: string, details: JsonObject = {}): Promise<void> {
    await this.#options.log.record({ actor: 'system', action, outcome: 'done', details })
  }

  /** Writes down what is told of the server and its vault. */
  readonly hear = (fact: Happening): void => {
    const deed = deedOf(fact)
    if (deed !== undefined) void quietly(this.#options.log.record(deed))
  }

  /** How many were refused beyond those that were written down. */
  async #tellOfMore(): Promise<void> {
    const more = this.#refusals - REFUSALS
    if (more <= 0) return
    await quietly(
      this.#options.log.record({
        actor: 'system',
        action: 'admin.refusals',
        outcome: 'refused',
        details: { more },
      }),
    )
  }

  /** Before the end: what is not written down yet. */
  async close(): Promise<void> {
    await this.#tellOfMore()
    this.#refusals = 0
  }
}

/** What is done without a call over HTTP; undefined for what is no deed. */
export function deedOf(fact: Happening): AuditDeed | undefined {
  switch (fact.type) {
    case 'config-reloaded': {
      const { result, generation, error } = fact
      const outcome = result === 'applied' ? 'done' : 'failed'
      const details = { generation, ...reasonOf(error) }
      return { actor: 'system', action: 'config.in-force', outcome, details }
    }
    case 'vault-kept': {
      const { operation, subject, refused } = fact
      return compact({
        actor: 'command' as const,
        action: `vault.${operation}`,
        subject,
        outcome: refused === undefined ? ('done' as const) : ('refused' as const),
        details: refused === undefined ? undefined : { reason: refused },
      })
    }
    case 'vault-state':
      return {
        actor: 'system',
        action: 'vault.state',
        outcome: 'done',
        details: compact({ state: fact.state, reason: fact.reason }),
      }
    case 'vault-secret-refused':
      return {
        actor: 'system',
        action: 'vault.secret-refused',
        subject: fact.key,
        outcome: 'failed',
      }
    default:
      return undefined
  }
}

/** Nobody waits for it who could do anything about it. */
async function quietly(work: Promise<void>): Promise<void> {
  await work.catch(() => undefined)
}

function actorOf(caller: Caller): Pick<AuditDeed, 'actor' | 'actorId' | 'role'> {
  if (caller.kind === 'anonymous') return { actor: 'anonymous' }
  if (caller.kind === 'client') return { actor: 'client', actorId: caller.keyId }
  return { actor: 'admin', actorId: caller.keyId, role: caller.role }
}

function actionOf({ audit, method, path }: Route): string {
  return audit?.action ?? `${method} ${path}`
}

function outcomeOf({ status }: GatewayError): AuditOutcome {
  return status < 500 ? 'refused' : 'failed'
}

function subjectOf({ audit }: Route, call: Call): string | undefined {
  const subject = audit?.subject?.(call) ?? Object.values(call.params).join('/')
  return subject === '' ? undefined : short(subject)
}

/** Names of what was asked, values only of what the route says is no secret; and why it was refused, in a word. */
function detailsOf(
  { audit }: Route,
  { body, query }: Call,
  error: GatewayError | undefined,
): JsonObject | undefined {
  const given: Readonly<Record<string, Json | undefined>> = {
    ...Object.fromEntries(query),
    ...(isObject(body) ? body : {}),
  }
  const names = Object.keys(given).map((name) => short(name))
  const shown = Object.entries(given).filter(([name]) => audit?.shows?.includes(name) === true)
  const values = Object.fromEntries(shown.map(([name, value]) => [name, shortJson(value)]))
  const details = compact({
    fields: names.length === 0 ? undefined : names,
    values: shown.length === 0 ? undefined : values,
    ...reasonOf(error),
  })
  return Object.keys(details).length === 0 ? undefined : details
}

/** The message may quote what was sent. */
function reasonOf(error: GatewayError | undefined): JsonObject | undefined {
  return error === undefined ? undefined : { reason: error.code ?? error.kind }
}

function short(text: string): string {
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}

function shortJson(value: Json | undefined): Json {
  if (value === undefined) return null
  if (typeof value === 'string') return short(value)
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? short(text) : value
}
