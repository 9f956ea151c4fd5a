// What an answer of another dialect loses on a client's wire beside whole parts: words for its end, citations, probabilities.
import { applyDelta } from '../canonical/collect.ts'
import { compact } from '../canonical/compact.ts'
import type { ChatEvent } from '../canonical/event.ts'
import type { Note, NoteWeight } from '../canonical/note.ts'
import type { Citation, Part } from '../canonical/part.ts'
import type { ChatResponse, Finish, FinishReason } from '../canonical/response.ts'

/** What a wire can say of an answer, declared by its dialect. */
export interface AnswerRules {
  readonly dialect: string
  /** What its own clients read where the answer ended so: the reason itself where the wire has a word for it. */
  readonly reads: (reason: FinishReason) => FinishReason
  /** The stop string that was met. */
  readonly stopSequence?: true
  readonly logprobs?: true
  /** Which citations have a place; absent: its encoder says what becomes of them. */
  readonly citations?: (citation: Citation) => boolean
  /** What a citation quotes of its source. */
  readonly quotes?: true
  /** What was said in sound, as text beside it. */
  readonly transcripts?: true
}

/** Of a whole answer. */
export function answerLosses(response: ChatResponse, rules: AnswerRules): readonly Note[] {
  const losses = new AnswerLosses(rules)
  losses.from(response.origin.dialect)
  for (const { index, parts, finish, logprobs } of response.candidates) {
    const path = `candidates[${index}]`
    for (const [at, part] of parts.entries()) losses.part(part, `${path}.parts[${at}]`)
    if (logprobs !== undefined) losses.logprobs(path)
    if (finish !== undefined) losses.end(finish, path)
  }
  return losses.notes
}

/** Of a stream, event by event. */
export class AnswerLosses {
  readonly notes: Note[] = []
  readonly #rules: AnswerRules
  readonly #parts = new Map<number, Part>()
  #own = false

  constructor(rules: AnswerRules) {
    this.#rules = rules
  }

  from(maker: string): void {
    this.#own = maker === this.#rules.dialect
  }

  see(event: ChatEvent): void {
    switch (event.type) {
      case 'response-start':
        return this.from(event.origin.dialect)
      case 'part-start':
        this.#parts.set(event.index, event.part)
        return
      case 'part-delta': {
        // No text is lost anywhere.
        if (event.delta.kind === 'text') return
        const part = this.#parts.get(event.index)
        if (part !== undefined) this.#parts.set(event.index, applyDelta(part, event.delta))
        return
      }
      case 'part-end': {
        const told = this.#parts.get(event.index)
        this.#parts.delete(event.index)
        const part = event.part ?? told
        if (part !== undefined) this.part(withCitations(part, told), `parts[${event.index}]`)
        return
      }
      case 'logprobs':
        return this.logprobs(`candidates[${event.candidate}]`)
      case 'candidate-end':
        return this.end(event.finish, `candidates[${event.candidate}]`)
      case 'usage-update':
      case 'response-end':
      case 'error':
      case 'ping':
      case 'native':
        return
    }
  }

  part(part: Part, path: string): void {
    if (part.type === 'text') this.#cited(part.citations ?? [], `${path}.citations`)
    const unsaid = part.type === 'audio' && part.transcript !== undefined
    if (unsaid && this.#rules.transcripts !== true) {
      this.#note({ ...TRANSCRIPT, path: `${path}.transcript` })
    }
  }

  #cited(citations: readonly Citation[], path: string): void {
    const { citations: known, quotes } = this.#rules
    if (known === undefined) return
    const kept = citations.filter((citation) => known(citation))
    if (kept.length < citations.length) this.#note({ ...CITATIONS, path })
    if (quotes !== true && kept.some(({ quote }) => quote !== undefined)) {
      this.#note({ ...QUOTES, path })
    }
  }

  /** Told once, however many pieces they come in. */
  logprobs(path: string): void {
    const told = this.notes.some(({ feature }) => feature === LOGPROBS.feature)
    if (this.#rules.logprobs !== true && !told) {
      this.#note({ ...LOGPROBS, path: `${path}.logprobs` })
    }
  }

  end({ reason, stopSequence }: Finish, path: string): void {
    if (stopSequence !== undefined && this.#rules.stopSequence !== true) {
      this.#note({ ...STOP_SEQUENCE, path: `${path}.finish.stopSequence` })
    }
    const read = this.#rules.reads(reason)
    if (read === reason) return
    this.#note({
      action: 'approximated',
      feature: 'finish_reason',
      path: `${path}.finish`,
      weight: WEIGHTS[reason] ?? 0,
      reason: `the client's protocol has no word for an answer that ended in ${reason}`,
      from: reason,
      to: read,
    })
  }

  #note(note: Note): void {
    if (!this.#own) this.notes.push(note)
  }
}

/** The vendor's last copy may leave out what came in pieces. */
function withCitations(part: Part, told: Part | undefined): Part {
  if (part.type !== 'text' || told?.type !== 'text') return part
  return { ...part, ...compact({ citations: part.citations ?? told.citations }) }
}

/** How much is lost where another reason stands for this one; 0 where that says what it was all the same. */
const WEIGHTS: Partial<Record<FinishReason, NoteWeight>> = {
  'content-filter': 3,
  'malformed-tool-call': 3,
  refusal: 1,
  pause: 2,
  compaction: 1,
  cancelled: 1,
  other: 1,
}

type Loss = Omit<Note, 'path'>

const CITATIONS: Loss = {
  action: 'dropped',
  feature: 'citations',
  weight: 1,
  reason: "the client's protocol cites addresses only",
}

const QUOTES: Loss = {
  action: 'approximated',
  feature: 'citations',
  weight: 0,
  reason: "the client's protocol cites a place of the answer, not the words of the source",
}

const TRANSCRIPT: Loss = {
  action: 'dropped',
  feature: 'transcript',
  weight: 1,
  reason: "the client's protocol has no text beside sound",
}

const LOGPROBS: Loss = {
  action: 'dropped',
  feature: 'logprobs',
  weight: 2,
  reason: "the client's protocol has no token probabilities",
}

const STOP_SEQUENCE: Loss = {
  action: 'dropped',
  feature: 'stop_sequence',
  weight: 1,
  reason: "the client's protocol does not say which stop string was met",
}
