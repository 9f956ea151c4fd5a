// The one list of tolerated differences of a directed pair, as the text of its file: what is changed, how, why, and which case shows it.
import type { Note } from '../../src/canonical/note.ts'
import type { JsonObject } from '../../src/wire/json.ts'
import type { Case } from './case.ts'
import type { PairRun } from './run.ts'

interface Entry {
  readonly way: Case['way']
  readonly note: Note
  readonly hits: string[]
}

/** One entry a line, heaviest first, so that a new note and a stale one are a line of the difference. */
export function expectedNotes(run: PairRun): string {
  const entries = new Map<string, Entry>()
  const cases = [...[...run.features.values()].flat(), ...run.fixtures]
  for (const { notes, way, probe } of cases) {
    for (const note of notes) {
      const key = keyOf(note, way)
      const known = entries.get(key) ?? { way, note, hits: [] }
      if (!known.hits.includes(probe)) known.hits.push(probe)
      entries.set(key, known)
    }
  }
  const lines = [...entries]
    .toSorted(
      ([left, one], [right, other]) =>
        other.note.weight - one.note.weight || (left < right ? -1 : 1),
    )
    .map(([, entry]) => JSON.stringify(printed(entry)))
  return lines.length === 0 ? '[]\n' : `[\n${lines.join(',\n')}\n]\n`
}

function keyOf({ feature, path, action, weight, reason }: Note, way: Case['way']): string {
  return [way, feature, patternOf(path), action, weight, reason].join('\n')
}

/** Where a note may stand: any turn, any part. */
function patternOf(path: string): string {
  return path.replaceAll(/\[\d+\]/g, '[*]')
}

function printed({ way, note, hits }: Entry): JsonObject {
  const { feature, path, action, weight, reason } = note
  return { feature, path: patternOf(path), action, weight, reason, way, hits }
}
