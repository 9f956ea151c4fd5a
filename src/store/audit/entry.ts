// An entry of the audit log: who did what to whom, and how it went. Secrets have no place in it.
import type { JsonObject } from '../../wire/json.ts'

/** `system`: Patchbay itself; `command`: a person at this machine. */
export const ACTORS = ['admin', 'client', 'anonymous', 'system', 'command'] as const
type ActorKind = (typeof ACTORS)[number]

/** `refused`: it was not allowed or made no sense; `failed`: it went wrong. */
export const OUTCOMES = ['done', 'refused', 'failed'] as const
export type AuditOutcome = (typeof OUTCOMES)[number]

export interface AuditDeed {
  readonly actor: ActorKind
  /** The public id of the actor's key. */
  readonly actorId?: string
  readonly role?: string
  /** Such as `provider.register`. */
  readonly action: string
  /** Whom or what it was about. */
  readonly subject?: string
  readonly outcome: AuditOutcome
  /** Of the HTTP answer. */
  readonly status?: number
  readonly requestId?: string
  readonly details?: JsonObject
}

export interface AuditEntry extends AuditDeed {
  /** Counted from 1 without a gap. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Of the key that the hash was made with; 0: of none. */
  readonly generation: number
  /** The hash of the entry before; empty for the first. */
  readonly previous: string
  readonly hash: string
}

/** The last entry, signed, so that it shows when the end of the log is cut off. */
export interface AuditHead {
  readonly seq: number
  readonly hash: string
  readonly generation: number
  readonly signature: string
}
