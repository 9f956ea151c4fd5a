// Captured requests that some targets are not asked, because what they could not keep weighs 3 or more: each reason once.
import type { Id } from '../bugs/protocols.ts'

export interface Refusal {
  /** What the refusal says. */
  readonly why: RegExp
  readonly by: (from: Id, to: Id) => boolean
  /** Whether it is refused under every policy. Default: a lenient client is served. */
  readonly always?: true
}

const to =
  (...ids: readonly Id[]): Refusal['by'] =>
  (_, id) =>
    ids.includes(id)
const across: Refusal['by'] = (from, id) => from !== id

export const REFUSALS: readonly Refusal[] = [
  // The showcases of SDKs: searches that no tool of the target can stand for.
  { why: /web_search would be dropped/, by: across },
  { why: /(?:googleSearch|urlContext) would be dropped/, by: across },
  { why: /(?:file_search|code_interpreter) would be dropped/, by: across },
  // Codex with the address of its built-in provider changed.
  { why: /additional_tools would be dropped/, by: across },
  { why: /image would be dropped \(the target takes no image by url/, by: to('ollama') },
  { why: /document_url would be dropped/, by: across },
  { why: /file would be dropped \(the target takes no file by/, by: across },
  { why: /audio would be dropped/, by: across },
  { why: /tool_choice would be (?:dropped|approximated)/, by: to('ollama') },
  { why: /: stop would be dropped/, by: to('openai-responses') },
  { why: /suffix would be dropped/, by: across },
  { why: /safe_prompt would be dropped/, by: across, always: true },
  // A model of the caller's own, which no list has.
  { why: /tunedModels\/foo/, by: () => true, always: true },
  // The answer that it follows was another server's.
  { why: /Previous response with id/, by: () => true, always: true },
]
