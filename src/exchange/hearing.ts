// What the events of one stream have told so far, heard once for all who want to know.
import type { GatewayError } from '../canonical/errors.ts'
import type { ChatEvent } from '../canonical/event.ts'
import { type Usage, mergeUsage } from '../canonical/usage.ts'
import { AnswerEar, type HeardAnswer } from './heard-answer.ts'

export class Hearing {
  readonly #ear = new AnswerEar()
  #usage: Usage | undefined
  #end: 'whole' | GatewayError | undefined

  hear(events: readonly ChatEvent[]): void {
    for (const event of events) {
      if (event.type === 'usage-update') this.#usage = mergeUsage(this.#usage, event.usage)
      else if (event.type === 'error') this.#end ??= event.error
      else if (event.type === 'response-end') this.#end ??= 'whole'
      else this.#ear.hear(event)
    }
  }

  /** The last counts. */
  get usage(): Usage | undefined {
    return this.#usage
  }

  /** What was shown. */
  get heard(): HeardAnswer {
    return this.#ear.heard
  }

  /** How the events say that it ended; undefined while they do not. */
  get end(): 'whole' | GatewayError | undefined {
    return this.#end
  }
}
