// What makes any request printable on this wire, pass by pass.
import type { Lowered } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { coalesce } from '../lowering/coalesce.ts'
import { customTools } from '../lowering/custom-tools.ts'
import { describedSchema } from '../lowering/described-schema.ts'
import { developerAsSystem } from '../lowering/developer-role.ts'
import { emptySettings } from '../lowering/empty-settings.ts'
import { fewMarks } from '../lowering/few-marks.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { foreignState } from '../lowering/foreign-state.ts'
import { hoistSystem } from '../lowering/hoist-system.ts'
import { instructedJson } from '../lowering/instructed-json.ts'
import { hostedTools } from '../lowering/hosted-tools.ts'
import { joinResults } from '../lowering/join-results.ts'
import { lateResults } from '../lowering/late-results.ts'
import { media } from '../lowering/media.ts'
import { USUAL_IMAGES } from '../lowering/media-type.ts'
import { objectArguments } from '../lowering/object-arguments.ts'
import { orphanCalls, orphanResults } from '../lowering/orphans.ts'
import { output } from '../lowering/output.ts'
import { type Pass, runPasses, unchanged } from '../lowering/pass.ts'
import { sampling } from '../lowering/sampling.ts'
import { splitResults } from '../lowering/split-results.ts'
import { toolChoice } from '../lowering/tool-choice.ts'
import { toolIds } from '../lowering/tool-ids.ts'
import { toolNames } from '../lowering/tool-names.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { wordsAsText } from '../lowering/words-as-text.ts'
import { blankText, documents, ownCitations } from './foreign-content.ts'
import { type MessageFlags, messageFlags } from './flags.ts'
import { blankStops, cacheKeys, serviceTier } from './foreign-settings.ts'
import { hostedRules } from './hosted-tools.ts'
import { strictSchema } from './output-rules.ts'
import { losesThinking, replayedThinking, thinkingInLoop } from './replayed-thinking.ts'
import { forcedChoice, thinkingFor, thinkingLimit } from './thinking-rules.ts'
import { tuning } from './tuning.ts'
import { turnOrder } from './turn-order.ts'
import { DIALECT } from './wire-types.ts'

export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  const { own, foreign, last } = passesFor(profile)
  const first = runPasses(request, request.origin.dialect === DIALECT ? own : foreign)
  const kept = losesThinking(request) ? thinkingInLoop(first.value) : unchanged(first.value)
  const lowered = runPasses(kept.value, last)
  return { value: lowered.value, notes: [...first.notes, ...kept.notes, ...lowered.notes] }
}

const passesFor = perProfile((profile) => {
  const flags = messageFlags(profile)
  const always = usual(profile, flags)
  return {
    own: always,
    foreign: [
      ...calls,
      describedSchema,
      ...always,
      // Thinking that was signed must come back in its place between the other blocks.
      coalesce({ order: 'as-said' }),
      emptySettings(),
      fewMarks(4),
    ],
    last: [
      forcedChoice(flags),
      turnOrder(flags),
      sampling({ supported: ['temperature', 'topP', 'topK', 'stop'], temperatureMax: 1 }),
      blankStops,
      tuning(flags),
    ],
  }
})

/** The wire refuses calls and results without each other, and arguments that are no object; what its own clients send is between them and the provider. */
const calls: readonly Pass[] = [
  splitResults(),
  lateResults(),
  orphanResults(),
  orphanCalls(),
  objectArguments(),
]

function usual({ provider }: Profile, flags: MessageFlags): readonly Pass[] {
  return [
    customTools(),
    hostedTools(hostedRules, flags.hostedTools),
    replayedThinking,
    foreignState(flags.sharedSignatures ? { dialect: DIALECT } : { dialect: DIALECT, provider }),
    ownCitations,
    foreignFields({ dialect: DIALECT }),
    unsupported({ features: ['metadata', 'names', 'detail', 'storing'] }),
    cacheKeys,
    serviceTier,
    media({
      image: ['base64', 'url', 'file'],
      imageTypes: USUAL_IMAGES,
      file: ['base64', 'url', 'file', 'text', 'parts'],
      audio: [],
      video: [],
      dialect: DIALECT,
    }),
    documents,
    wordsAsText(['refusal']),
    developerAsSystem(),
    instructions(flags),
    toolNames({ pattern: /^[A-Za-z0-9_-]+$/, maxLength: 128 }),
    toolIds({ legal: /^[A-Za-z0-9_-]+$/, length: 9 }),
    toolChoice({ required: true, named: true, none: 'native', parallel: 'native' }),
    blankText,
    joinResults(),
    instructedJson({
      formats: () => ['json'],
      reason: 'the target has no JSON mode: an instruction asks for it',
    }),
    output({ json: false, jsonSchema: flags.structuredOutput }),
    strictSchema,
    thinkingLimit(flags),
    thinkingFor(flags),
  ]
}

/** In this wire's own requests their places are the client's affair. */
function instructions({ systemTurns }: MessageFlags): Pass {
  const hoist = hoistSystem({ later: systemTurns ? 'native' : 'marked' })
  return (request) =>
    request.origin.dialect === DIALECT ? { value: request, notes: [] } : hoist(request)
}
