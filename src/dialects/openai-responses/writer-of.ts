// Which writer tells a part.
import type { Part } from '../../canonical/part.ts'
import { CallWriter } from './call-writer.ts'
import { leftovers } from './extension.ts'
import { isShown } from './hosted-work.ts'
import type { PartPlace, PartWriter } from './part-writer.ts'
import { ContentWriter, SpeechWriter } from './speech-writer.ts'
import { ThoughtWriter } from './thought-writer.ts'
import { WorkWriter } from './work-writer.ts'

export function writerOf(part: Part, place: PartPlace): PartWriter {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return leftovers.shapeOf(part)['empty'] === true ? SILENT : new SpeechWriter(part, place)
    case 'tool-call':
      return new CallWriter(part, place)
    case 'reasoning':
      return new ThoughtWriter(part, place)
    case 'opaque':
      if (isShown(part.native)) return new WorkWriter(part, place)
      return leftovers.shapeOf(part)['message'] === undefined
        ? SILENT
        : new ContentWriter(part, place)
    default:
      return SILENT
  }
}

/** For items that are whole from the beginning. */
const SILENT: PartWriter = { start: () => [], delta: () => [], end: () => [] }
