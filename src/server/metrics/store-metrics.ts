// The database as metrics: what it was asked and how long that took, what failed, and whether it does its work.
import type { StoreFact } from '../../exchange/facts/store.ts'
import { type MeterMaker, QUICK } from './meter-maker.ts'

/** Operations in a commit. */
const TOGETHER = [1, 2, 5, 10, 25, 50, 100, 250, 1000] as const

export function storeMetrics(make: MeterMaker): (fact: StoreFact) => void {
  const state = make.gauge('patchbay_db_state', {
    help: 'Whether the database does its work: 1, or 0 while it is lost, full, read-only or damaged',
  })
  const sound = make.gauge('patchbay_db_integrity_ok', {
    help: '1, or 0 once the database was found damaged',
  })
  const checked = make.gauge('patchbay_db_check_seconds', {
    help: 'Seconds that it took at the start to read the file of the database through',
  })
  const seconds = make.histogram('patchbay_db_op_seconds', {
    help: 'Seconds from asking the database for an operation to its end, waiting in it, with success or without',
    labels: ['operation', 'outcome'],
    buckets: QUICK,
  })
  const waiting = make.gauge('patchbay_db_waiting', {
    help: 'Operations that the database has not ended yet',
  })
  const commits = make.histogram('patchbay_db_commit_seconds', {
    help: 'Seconds that the file of the database took to make operations permanent, with the write to the disk',
    buckets: QUICK,
  })
  const together = make.histogram('patchbay_db_commit_operations', {
    help: 'Operations that the file of the database made permanent with one write to the disk',
    buckets: TOGETHER,
  })
  const errors = make.counter('patchbay_db_errors_total', {
    help: 'Operations that the database failed at, by why: unavailable, full, read_only, corrupt, busy, newer or failed',
    labels: ['operation', 'reason'],
  })
  const retries = make.counter('patchbay_db_retries_total', {
    help: "Operations tried again after a failure that passes by itself, by the database's code for it",
    labels: ['reason'],
  })
  state.set(1)
  sound.set(1)
  return (fact) => {
    switch (fact.type) {
      case 'store-asked': {
        const { operation, answered, elapsedMs } = fact
        seconds.observe({ operation, outcome: answered ? 'answered' : 'failed' }, elapsedMs / 1000)
        return waiting.set(fact.waiting)
      }
      case 'store-checked':
        return checked.set(fact.elapsedMs / 1000)
      case 'store-committed':
        commits.observe(fact.elapsedMs / 1000)
        return together.observe(fact.operations)
      case 'store-failed':
        if (fact.failure === 'corrupt') sound.set(0)
        return errors.inc({ operation: fact.operation, reason: fact.failure })
      case 'store-retried':
        return retries.inc({ reason: fact.reason })
      case 'store-state':
        return state.set(fact.state === 'up' ? 1 : 0)
    }
  }
}
