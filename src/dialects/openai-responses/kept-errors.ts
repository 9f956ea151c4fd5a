// What is said where state is wanted that is not there; where OpenAI says it, in OpenAI's own words.
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts'
import type { Keeping } from '../keeping.ts'

interface Where {
  readonly code: string
  readonly param?: string
}

function refusal(kind: ErrorKind, message: string, where: Where): GatewayError {
  return new GatewayError(kind, message, { origin: 'client', ...where })
}

export const missing: Keeping['missing'] = (what, id) => {
  switch (what) {
    case 'answer':
      return refusal('not_found', `Response with id '${id}' not found.`, {
        code: 'response_not_found',
        param: 'response_id',
      })
    case 'previous':
      return refusal('invalid_request', `Previous response with id '${id}' not found.`, {
        code: 'previous_response_not_found',
        param: 'previous_response_id',
      })
    case 'item':
      return refusal(
        'not_found',
        `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
        { code: 'item_not_found', param: 'input' },
      )
  }
}

export function duplicateItem(id: string): GatewayError {
  return refusal(
    'invalid_request',
    `Duplicate item found with id ${id}. Remove duplicate items from your input and try again.`,
    { code: 'duplicate_item', param: 'input' },
  )
}

export function failedPrevious(id: string): GatewayError {
  return refusal(
    'invalid_request',
    `The response with id '${id}' failed, so that there is nothing whole to go on from. Go on from the one before it.`,
    { code: 'previous_response_failed', param: 'previous_response_id' },
  )
}

export function notCancellable(): GatewayError {
  return refusal(
    'invalid_request',
    'Cannot cancel a synchronous response. Patchbay runs none in the background: to stop a response while it comes, close its connection.',
    { code: 'not_cancellable' },
  )
}

export function noReplay(): GatewayError {
  return refusal(
    'unsupported',
    'Only the stream of a response in the background can be taken up again, and Patchbay runs none. Retrieve the response without "stream".',
    { code: 'unsupported_value', param: 'stream' },
  )
}

export function noBackground(): GatewayError {
  return refusal(
    'unsupported',
    'Patchbay runs no responses in the background. Leave "background" out, and take long answers with "stream": true.',
    { code: 'unsupported_value', param: 'background' },
  )
}

/** `param`: where a request names one. */
export function noConversations(param?: string): GatewayError {
  return refusal(
    'unsupported',
    'Patchbay keeps responses, but no conversations. Go on from a response with "previous_response_id", or send the whole conversation in "input".',
    { code: 'conversations_unsupported', ...(param === undefined ? {} : { param }) },
  )
}

export function templateWithoutModel(): GatewayError {
  return refusal(
    'invalid_request',
    'A prompt template needs "model" beside it: only its vendor knows which model it names. Only providers that speak the Responses protocol have templates; for others, write the prompt into "instructions" and "input".',
    { code: 'missing', param: 'model' },
  )
}

export function badQuery(name: string, wanted: string): GatewayError {
  return refusal('invalid_request', `The query parameter "${name}" must be ${wanted}.`, {
    code: 'invalid_value',
    param: name,
  })
}
