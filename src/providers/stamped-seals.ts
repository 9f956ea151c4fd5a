// Says on sealed state whose account made it: most providers can open only their own.
import type { ChatEvent } from '../canonical/event.ts'
import type { Part, Sealed } from '../canonical/part.ts'

/** The part with the provider's name on its seal, where none is there yet. */
export function stampedPart(part: Part, provider: string): Part {
  return part.seal === undefined ? part : { ...part, seal: stamped(part.seal, provider) }
}

export function stampedEvent(event: ChatEvent, provider: string): ChatEvent {
  switch (event.type) {
    case 'part-start':
      return { ...event, part: stampedPart(event.part, provider) }
    case 'part-end':
      return event.part === undefined
        ? event
        : { ...event, part: stampedPart(event.part, provider) }
    case 'part-delta': {
      if (event.delta.kind !== 'seal') return event
      return { ...event, delta: { kind: 'seal', seal: stamped(event.delta.seal, provider) } }
    }
    default:
      return event
  }
}

function stamped(seal: Sealed, provider: string): Sealed {
  return { ...seal, origin: { provider, ...seal.origin } }
}
