// Words beside an answer, where its framing has comments.
import type { AnswerFraming, Frame } from '../wire/frame.ts'

/** Words beside an answer, for whoever reads the wire; none where the framing has no comments. */
export function asideFrame(text: string, framing: AnswerFraming): readonly Frame[] {
  return framing === 'sse' ? [{ data: '', comment: text, attached: true }] : []
}
