// The end of the audit log in a file beside the database: whoever cuts the log off in the database alone is found out.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ObjectReader, tryParseJson } from '../../wire/json.ts'
import type { AuditHead } from './entry.ts'

export interface Anchor {
  /** Undefined where none was noted. */
  read(): Promise<AuditHead | undefined>
  note(head: AuditHead): Promise<void>
}

/** For a database that goes with the process. */
export const NO_ANCHOR: Anchor = { read: async () => undefined, note: async () => undefined }

export function fileAnchor(dataDir: string): Anchor {
  const path = join(dataDir, 'audit-head.json')
  return {
    read: async () => {
      try {
        return headIn(await readFile(path, 'utf8'))
      } catch (cause) {
        if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
        // What cannot be read vouches for nothing: the log then ends before it.
        return { seq: Number.MAX_SAFE_INTEGER, hash: '', generation: 0, signature: '' }
      }
    },
    note: async (head) => {
      const unfinished = `${path}.${process.pid}.new`
      await writeFile(unfinished, `${JSON.stringify({ ...head })}\n`, { mode: 0o600 })
      await rename(unfinished, path)
    },
  }
}

function headIn(text: string): AuditHead {
  const head = ObjectReader.of(tryParseJson(text), 'audit-head.json')
  return {
    seq: head.number('seq'),
    hash: head.string('hash'),
    generation: head.number('generation'),
    signature: head.string('signature'),
  }
}
