// Nothing is lost in silence, and nothing is said to be lost that is not.
import type { Note } from '../../src/canonical/note.ts'
import type { Case } from './case.ts'
import type { Difference } from './difference.ts'

/** What came otherwise than it went, and no note speaks of its place. */
export function silentChanges({ changes, notes }: Case): readonly Difference[] {
  const told = new Set(notes.flatMap((note) => areasOf(note)))
  return changes.filter(({ path }) => !told.has(areaOf(path)))
}

/** Notes of a loss where everything came as it went. */
export function idleNotes({ changes, notes }: Case): readonly Note[] {
  const changed = new Set(changes.map(({ path }) => areaOf(path)))
  return notes.filter(
    (note) =>
      note.weight > 0 &&
      !BEHAVIOUR.has(note.feature) &&
      !areasOf(note).some((area) => changed.has(area)),
  )
}

/** What the target does with the very same words cannot be read from them. */
const BEHAVIOUR: ReadonlySet<string> = new Set(['prefill'])

const PARTED = /^(?:sampling|output|identity|service|usage)\.\w+/
const WHOLE =
  /^(?:turns|tools|toolChoice|parallelToolCalls|maxOutputTokens|maxHostedCalls|reasoning|caching|streaming|candidates|parts|id|createdMs|fingerprint|tier|error|seals|kind|retryAfterMs)(?=[.[]|$)/

const AREAS: ReadonlyMap<string, string> = new Map([
  ['parts', 'candidates'],
  // Some wires limit the calls of each tool.
  ['maxHostedCalls', 'tools'],
])

/** The setting, or the part of a request or an answer, in which a path lies; any other root is a field of one dialect. */
function areaOf(path: string): string {
  const area = PARTED.exec(path)?.[0] ?? WHOLE.exec(path)?.[0] ?? 'left'
  return AREAS.get(area) ?? area
}

/** Some losses of one place are made good in another. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  // Tools that may not be called are not offered.
  ['tool_choice', 'tools'],
  // An instruction asks for JSON.
  ['response_format', 'turns'],
  // Calls of the history follow the tool.
  ['custom_tool', 'turns'],
])

function areasOf({ feature, path }: Note): readonly string[] {
  const elsewhere = ELSEWHERE.get(feature)
  return elsewhere === undefined ? [areaOf(path)] : [areaOf(path), elsewhere]
}
