// What compatible hosts take besides the protocol and nobody else can be told: filters and promises of privacy above all.
import { type FieldWeights, always, inside, unless, when } from '../field-weights.ts'

export const fieldWeights: FieldWeights = {
  // Labels of pieces that go on without them.
  type: always(0),
  id: always(0),
  index: always(0),
  format: always(0),
  // OpenAI's own.
  moderation: unless(false, 4),
  // OpenRouter's: who may see the request.
  provider: inside({ data_collection: when('deny', 4), zdr: when(true, 4) }),
  data_collection: when('deny', 4),
  zdr: when(true, 4),
  // Mistral's, Bedrock's and Gemini's, through their compatible hosts.
  safe_prompt: unless(false, 4),
  guardrails: always(4),
  guardrail_config: always(4),
  safety_settings: always(4),
  data_residency: always(4),
}
