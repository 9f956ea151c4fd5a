// What makes a request printable on this wire, for the model that a profile describes: the list of passes, in order.
import type { Lowered } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { coalesce } from '../lowering/coalesce.ts'
import { customTools } from '../lowering/custom-tools.ts'
import { developerAsSystem } from '../lowering/developer-role.ts'
import { documentLabels } from '../lowering/document-labels.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { emptySettings } from '../lowering/empty-settings.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { foreignState } from '../lowering/foreign-state.ts'
import { lateResults } from '../lowering/late-results.ts'
import { hostedTools } from '../lowering/hosted-tools.ts'
import { media } from '../lowering/media.ts'
import { mentionedJson } from '../lowering/mentioned-json.ts'
import { USUAL_IMAGES } from '../lowering/media-type.ts'
import { output } from '../lowering/output.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { resultErrors } from '../lowering/result-errors.ts'
import { resultMedia } from '../lowering/result-media.ts'
import { resultNames } from '../lowering/result-names.ts'
import { sampling } from '../lowering/sampling.ts'
import { splitResults } from '../lowering/split-results.ts'
import { toolChoice } from '../lowering/tool-choice.ts'
import { toolIds } from '../lowering/tool-ids.ts'
import { toolNames } from '../lowering/tool-names.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { wordsAsText } from '../lowering/words-as-text.ts'
import { answeredCalls } from './answered-calls.ts'
import { cacheKeyOnly } from './cache-key.ts'
import { type Flags, flagsOf } from './flags.ts'
import { hostedRules } from './hosted-tools.ts'
import { placedParts } from './placed-parts.ts'
import { reasoningFor, replayedThinking } from './reasoning-rules.ts'
import { SAMPLING_KEYS } from './request.ts'
import { roleOrder } from './role-order.ts'
import { MISTRAL_CHAT } from './wire-types.ts'

/** A Mistral client is taken at its word, but for ids that another provider's answer gave it. */
export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  const passesFor = request.origin.dialect === MISTRAL_CHAT ? ownPasses : foreignPasses
  return runPasses(request, passesFor(profile))
}

const ownPasses = perProfile((profile) => passes(profile, { own: true }))
const foreignPasses = perProfile((profile) => passes(profile, { own: false }))

function passes(profile: Profile, { own }: { readonly own: boolean }): readonly Pass[] {
  const flags = flagsOf(profile)
  return [
    hostedTools(hostedRules, flags.hostedTools),
    foreignFields({ dialect: MISTRAL_CHAT }),
    foreignState({ dialect: MISTRAL_CHAT, provider: profile.provider }),
    developerAsSystem(),
    ...(own ? [] : messages(flags)),
    ...(flags.toolIds === 'any' ? [] : [toolIds({ legal: /^[A-Za-z0-9]{9}$/, length: 9 })]),
    ...(own ? [] : settings(flags)),
  ]
}

function messages(flags: Flags): readonly Pass[] {
  return [
    splitResults(),
    lateResults(),
    resultErrors({ prefix: 'Error: ' }),
    resultMedia(),
    media({
      image: ['base64', 'url'],
      imageTypes: USUAL_IMAGES,
      audio: ['base64', 'url'],
      file: ['base64', 'url', 'file'],
      video: [],
      dialect: MISTRAL_CHAT,
    }),
    wordsAsText(['refusal']),
    documentLabels({ names: true }),
    placedParts(),
    ...(flags.thinkingReplay ? [] : [replayedThinking]),
    dropEmptyText(),
    coalesce(),
    customTools(),
    answeredCalls,
    resultNames(),
    toolNames({ pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 }),
    mentionedJson({ among: 'all' }),
    roleOrder(flags),
  ]
}

function settings(flags: Flags): readonly Pass[] {
  return [
    unsupported({ features: ['user', 'tier', 'storing', 'region', 'names', 'citations'] }),
    cacheKeyOnly,
    toolChoice({ required: true, named: true, none: 'native', parallel: 'native' }),
    emptySettings(),
    sampling({ supported: SAMPLING_KEYS, temperatureMax: flags.temperatureMax }),
    reasoningFor(flags),
    output({ json: true, jsonSchema: true, prediction: true }),
  ]
}
