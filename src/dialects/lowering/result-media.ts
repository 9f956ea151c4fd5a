// Images and files in tool results for targets whose results are text: they move to the user's side of the conversation.
import type { Note } from '../../canonical/note.ts'
import type { MediaPart, Part, ToolResultPart } from '../../canonical/part.ts'
import type { Turn } from '../../canonical/request.ts'
import type { Pass } from './pass.ts'
import { withTurns } from './rewrite.ts'

/** Media leave the results for the next user turn (a new one where there is none); a text marker stays behind. */
export function resultMedia(): Pass {
  return (request) => {
    const notes: Note[] = []
    const turns: Turn[] = []
    let waiting: readonly MediaPart[] = []
    for (const [at, turn] of request.turns.entries()) {
      if (waiting.length > 0 && turn.role !== 'tool' && turn.role !== 'user') {
        turns.push({ role: 'user', parts: waiting })
        waiting = []
      }
      const { parts, moved } = parted(turn, at, notes)
      const carried = [...waiting, ...moved]
      if (turn.role === 'tool' && carried.length > 0) {
        turns.push({ ...turn, parts })
        waiting = carried
      } else {
        turns.push(carried.length === 0 ? turn : { ...turn, parts: afterResults(parts, carried) })
        waiting = []
      }
    }
    if (waiting.length > 0) turns.push({ role: 'user', parts: waiting })
    return { value: notes.length === 0 ? request : withTurns(request, turns), notes }
  }
}

function parted(
  turn: Turn,
  at: number,
  notes: Note[],
): { readonly parts: readonly Part[]; readonly moved: readonly MediaPart[] } {
  if (turn.role !== 'tool' && turn.role !== 'user') return { parts: turn.parts, moved: [] }
  const moved: MediaPart[] = []
  const parts = turn.parts.map((part, index) => {
    if (part.type !== 'tool-result') return part
    const media = part.content.filter(isMedia)
    if (media.length === 0) return part
    moved.push(...media)
    notes.push({
      action: 'approximated',
      feature: 'tool_result_media',
      path: `turns[${at}].parts[${index}].content`,
      weight: 2,
      reason: 'the target takes text only in tool results; the media follow in a user message',
    })
    return withMarkers(part)
  })
  return { parts, moved }
}

function withMarkers(result: ToolResultPart): ToolResultPart {
  const content = result.content.map((part): Part =>
    isMedia(part)
      ? { type: 'text', text: `[${part.filename ?? part.type}: see the next user message]` }
      : part,
  )
  return { ...result, content }
}

function afterResults(parts: readonly Part[], media: readonly MediaPart[]): readonly Part[] {
  const end = parts.findLastIndex((part) => part.type === 'tool-result') + 1
  return [...parts.slice(0, end), ...media, ...parts.slice(end)]
}

function isMedia(part: Part): part is MediaPart {
  return (
    part.type === 'image' || part.type === 'audio' || part.type === 'video' || part.type === 'file'
  )
}
