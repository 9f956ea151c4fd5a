// Parts of an answer as blocks for a client, whoever made them.
import type { Part } from '../../canonical/part.ts'
import type { Json } from '../../wire/json.ts'
import type { PartNote } from './block-writer.ts'
import { APPROXIMATE_CITATIONS, isForeignTold } from './citations.ts'
import { encodeBlock, encodeReasoning } from './encode-blocks.ts'
import { answerSeal } from './seals.ts'
import { argumentsObject } from '../lowering/object-arguments.ts'

export interface AnswerBlock {
  /** Absent where a message cannot hold the part. */
  readonly value?: Json
  readonly note?: PartNote
}

/** `maker` is the dialect that the answer came from. */
export function answerBlock(part: Part, maker: string): AnswerBlock {
  switch (part.type) {
    case 'reasoning':
      return { value: encodeReasoning(part, answerSeal(part, maker)) }
    case 'image':
    case 'file':
    case 'audio':
    case 'video':
      return spoken(part.transcript, part.type)
    case 'tool-result':
    case 'search-result':
      return { note: dropped(part.type) }
    case 'text':
    case 'refusal':
    case 'tool-call':
    case 'opaque': {
      const value = encodeBlock(part)
      if (value !== undefined) return { value, ...noted(part) }
      return { note: part.type === 'opaque' ? unread(part.what) : dropped(part.type) }
    }
  }
}

/** What was changed to print a part. */
function noted(part: Part): { readonly note?: PartNote } {
  if (part.type === 'tool-call' && !argumentsObject(part).exact) {
    return {
      note: {
        action: 'approximated',
        feature: 'tool_arguments',
        weight: 3,
        reason: 'the arguments are no JSON object; they stand under "value"',
      },
    }
  }
  if (part.type === 'refusal') return { note: REFUSAL }
  if (part.type === 'text' && part.citations?.some((citation) => isForeignTold(citation))) {
    return { note: APPROXIMATE_CITATIONS }
  }
  return {}
}

const REFUSAL: PartNote = {
  action: 'approximated',
  feature: 'refusal',
  weight: 1,
  reason: 'a message has no block for refusals: it stands in the text',
}

function spoken(transcript: string | undefined, feature: string): AnswerBlock {
  if (transcript === undefined) return { note: dropped(feature) }
  return {
    value: { type: 'text', text: transcript },
    note: {
      action: 'approximated',
      feature,
      weight: 3,
      reason: 'a message holds no media; the transcript stands for it',
    },
  }
}

/** What only its vendor understands is no loss to who cannot read it. */
function unread(feature: string): PartNote {
  return { ...dropped(feature), weight: 1 }
}

function dropped(feature: string): PartNote {
  return { action: 'dropped', feature, weight: 3, reason: 'a message has no block for it' }
}
