// Refusals of a Chat Completions host that tell how it spells the output limit.
import type { Amend } from '../amendment.ts'

const FIELDS = ['max_tokens', 'max_completion_tokens'] as const
type Field = (typeof FIELDS)[number]

/** "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", and the like of older hosts. */
export const amend: Amend = (error, _request, { flags }) => {
  const refused = FIELDS.find((field) => refuses(error, field))
  const other = FIELDS.find((field) => field !== refused)
  if (refused === undefined || other === undefined || flags['maxTokensField'] === other) {
    return undefined
  }
  return {
    flags: { maxTokensField: other },
    notes: [
      {
        action: 'approximated',
        feature: refused,
        path: 'maxOutputTokens',
        weight: 0,
        reason: `the host refused ${refused} and was asked again with ${other}`,
        from: refused,
        to: other,
      },
    ],
  }
}

/** Hosts without codes say it as pydantic or OpenAI's first API did. */
const PHRASES = [
  'unsupported parameter',
  'unrecognized request argument',
  'extra inputs are not permitted',
]

function refuses(error: Parameters<Amend>[0], field: Field): boolean {
  if (error.param !== undefined && error.param !== field) return false
  if (error.code === 'unsupported_parameter' && error.param === field) return true
  const message = error.message.toLowerCase()
  return PHRASES.some((phrase) => message.includes(phrase)) && firstNamed(message) === field
}

/** The refused one is named before the one to use instead. */
function firstNamed(message: string): Field | undefined {
  const [word] = /max_(?:completion_)?tokens/.exec(message) ?? []
  return FIELDS.find((field) => field === word)
}
