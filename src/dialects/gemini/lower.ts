// What makes any request printable on this wire, pass by pass.
import type { Lowered } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { emptySettings } from '../lowering/empty-settings.ts'
import { instructedJson } from '../lowering/instructed-json.ts'
import { alternate } from '../lowering/alternate.ts'
import { customTools } from '../lowering/custom-tools.ts'
import { developerAsSystem } from '../lowering/developer-role.ts'
import { documentLabels } from '../lowering/document-labels.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { foreignState } from '../lowering/foreign-state.ts'
import { hoistSystem } from '../lowering/hoist-system.ts'
import { hostedTools } from '../lowering/hosted-tools.ts'
import { joinResults } from '../lowering/join-results.ts'
import { lateResults } from '../lowering/late-results.ts'
import { media } from '../lowering/media.ts'
import { output } from '../lowering/output.ts'
import { type Pass, runPasses, unchanged } from '../lowering/pass.ts'
import { resultMedia } from '../lowering/result-media.ts'
import { resultNames } from '../lowering/result-names.ts'
import { sampling } from '../lowering/sampling.ts'
import { splitResults } from '../lowering/split-results.ts'
import { toolChoice } from '../lowering/tool-choice.ts'
import { toolNames } from '../lowering/tool-names.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { userFirst, userLast } from '../lowering/user-ends.ts'
import { wordsAsText } from '../lowering/words-as-text.ts'
import { answerSchema } from './answer-schema.ts'
import { answeredCalls } from './answered-calls.ts'
import { type GeminiFlags, flagsOf } from './flags.ts'
import {
  callArguments,
  oneResultText,
  signedCalls,
  systemAsUser,
  unsignedThinking,
  untypedAddresses,
} from './foreign-history.ts'
import { seedRange, serviceTier, someStops, strictTools } from './foreign-settings.ts'
import { besideFunctions, hostedRules } from './hosted-tools.ts'
import { mediaDetail } from './media-detail.ts'
import { returnedSeals } from './returned-seals.ts'
import { thinkingRules } from './thinking-rules.ts'
import { GEMINI } from './wire-types.ts'

/** A request that came in this dialect is taken at its word: only what another provider has made in it changes. */
export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  const { always, translating, signed } = passesFor(profile)
  const own = runPasses(request, always)
  const isForeign = request.origin.dialect !== GEMINI
  const sealsLost = own.notes.some(({ feature }) => feature === 'reasoning_state')
  const translated = isForeign ? runPasses(own.value, translating) : unchanged(own.value)
  const lowered =
    isForeign || sealsLost ? runPasses(translated.value, signed) : unchanged(translated.value)
  return { value: lowered.value, notes: [...own.notes, ...translated.notes, ...lowered.notes] }
}

const passesFor = perProfile((profile) => {
  const flags = flagsOf(profile)
  return {
    always: [
      hostedTools(hostedRules, flags.hostedTools),
      foreignState({ dialect: GEMINI, provider: profile.provider }),
      foreignFields({ dialect: GEMINI }),
    ],
    translating: translating(flags),
    signed: flags.signatures ? [signedCalls] : [],
  }
})

function translating(flags: GeminiFlags): readonly Pass[] {
  return [...contents(flags), ...settings(flags)]
}

const BOTH = ['json', 'json-schema'] as const

function contents(flags: GeminiFlags): readonly Pass[] {
  return [
    instructedJson({
      formats: ({ tools = [] }) => (flags.schemaWithTools || tools.length === 0 ? [] : BOTH),
      reason: 'the model takes no form of answer together with tools: an instruction asks for it',
    }),
    customTools(),
    developerAsSystem(),
    wordsAsText(['refusal', 'search-result']),
    documentLabels({ names: false }),
    unsupported({
      features: ['caching', 'user', 'metadata', 'region', 'names', 'citations'],
    }),
    media({
      image: ['base64', 'url', 'file'],
      audio: ['base64', 'url', 'file'],
      video: ['base64', 'url', 'file'],
      file: ['base64', 'url', 'file'],
      dialect: GEMINI,
    }),
    unsignedThinking,
    mediaDetail(flags),
    untypedAddresses,
    callArguments,
    resultNames(),
    toolNames({ pattern: /^[A-Za-z_][A-Za-z0-9_.:-]*$/, maxLength: 128 }),
    hoistSystem(),
    ...(flags.system ? [] : [systemAsUser]),
    splitResults(),
    lateResults(),
    ...(flags.resultMedia ? [] : [resultMedia()]),
    joinResults(),
    oneResultText,
    dropEmptyText(),
    alternate(),
    returnedSeals,
    userLast(),
    answeredCalls,
    userFirst(),
  ]
}

function settings(flags: GeminiFlags): readonly Pass[] {
  return [
    strictTools,
    besideFunctions(flags),
    toolChoice({ required: true, named: true, subset: true, none: 'native', parallel: 'drop' }),
    emptySettings(),
    sampling({
      supported: [
        'temperature',
        'topP',
        'topK',
        'seed',
        'n',
        'presencePenalty',
        'frequencyPenalty',
        'stop',
        'logprobs',
        'topLogprobs',
      ],
      temperatureMax: 2,
      stopMax: 5,
    }),
    someStops,
    seedRange,
    output({ json: true, jsonSchema: true, modalities: ['image'] }),
    answerSchema,
    thinkingRules(flags),
    serviceTier,
  ]
}
