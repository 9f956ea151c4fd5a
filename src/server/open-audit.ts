// The audit log of a server, and who writes into it.
import type { PatchbayConfig } from '../config/schema.ts'
import type { Happenings } from '../exchange/happenings.ts'
import { NO_ANCHOR, fileAnchor } from '../store/audit/anchor.ts'
import { AuditLog } from '../store/audit/audit-log.ts'
import { type ChainKeys, NO_KEYS } from '../store/audit/chain.ts'
import type { Database } from '../store/operation.ts'
import { AuditDesk } from './admin/audit-desk.ts'
import type { Route } from './route.ts'
import { auditRoutes } from './routes/admin-audit.ts'

export interface OpenAuditOptions {
  readonly config: Pick<PatchbayConfig, 'dataDir' | 'store'>
  readonly database: Database
  readonly happenings: Happenings
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Absent: entries are chained, but without a key. */
  readonly keys?: ChainKeys
}

export interface OpenedAudit {
  readonly log: AuditLog
  readonly desk: AuditDesk
  readonly routes: readonly Route[]
  /** Writes down the end. */
  close(): Promise<void>
}

/** Writes down the start, and before it, where the log is not as it was left, that. */
export async function openAudit(options: OpenAuditOptions): Promise<OpenedAudit> {
  const { config, database, happenings, now, keys = NO_KEYS } = options
  const log = auditLog(config, { database, now, keys })
  const desk = new AuditDesk({ log, now })
  await log.open()
  await desk.event('server.start')
  happenings.listen(desk.hear)
  return {
    log,
    desk,
    routes: auditRoutes(log),
    close: async () => {
      await desk.close()
      // Whoever stops a server whose disk is full must be able to.
      await desk.event('server.stop').catch(() => undefined)
    },
  }
}

/** Its end is noted beside the data, but where those go with the process. */
export function auditLog(
  { dataDir, store }: Pick<PatchbayConfig, 'dataDir' | 'store'>,
  options: {
    readonly database: Database
    readonly now: () => number
    readonly keys?: ChainKeys
  },
): AuditLog {
  const anchor = store?.url?.reveal() === 'memory:' ? NO_ANCHOR : fileAnchor(dataDir)
  return new AuditLog({ ...options, anchor })
}
