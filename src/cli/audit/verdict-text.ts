// What the examination of the audit log has found, in words.
import type { AuditFault, AuditVerdict } from '../../store/audit/verify.ts'

const FAULTS: Readonly<Record<AuditFault, string>> = {
  edited: 'was changed after it was written',
  removed: 'is missing',
  relinked: 'does not follow the one before it: entries were exchanged or written anew',
  truncated: 'and what may have followed it is missing: the end of the log was cut off',
  added: 'stands behind the end of the log: nobody who may write it has written it',
  head: 'is the last one, and the signed end of the log says something else',
  anchor: 'is not the one that the file beside the database noted: the log was written anew',
}

export function verdictText({
  entries,
  keyed,
  unprotected,
  unchecked,
  fault,
}: AuditVerdict): string {
  if (fault !== undefined) {
    return `The audit log is not as it was written: entry ${fault.seq} ${FAULTS[fault.fault]}.`
  }
  const lines = [`The audit log is as it was written: ${entries} entries.`]
  if (entries > 0 && keyed === 0) {
    lines.push(
      'No entry has a hash that needs a key, so whoever can write the database can write it anew. With a vault they have: patchbay init',
    )
  } else if (unprotected > 0) {
    lines.push(
      `The last ${unprotected} were written without a key: whoever can write the database could have written them.`,
    )
  }
  if (unchecked > 0) {
    lines.push(
      `Of ${unchecked} only the order is checked: their key is in the vault, and that was not opened.`,
    )
  }
  return lines.join('\n')
}
