// What makes a request printable on this wire: the list of passes, in order.
import type { Lowered, Note } from '../../canonical/note.ts'
import { type ChatRequest, EFFORTS } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { isAskedToReason } from '../lowering/asked-to-reason.ts'
import { begunAnswer } from '../lowering/begun-answer.ts'
import { withoutCacheMarks } from '../lowering/cache-marks.ts'
import { customTools } from '../lowering/custom-tools.ts'
import { documentLabels } from '../lowering/document-labels.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { emptySettings } from '../lowering/empty-settings.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { foreignState } from '../lowering/foreign-state.ts'
import { lateResults } from '../lowering/late-results.ts'
import { media } from '../lowering/media.ts'
import { mentionedJson } from '../lowering/mentioned-json.ts'
import { USUAL_IMAGES } from '../lowering/media-type.ts'
import { hostedTools } from '../lowering/hosted-tools.ts'
import { oneInstruction } from '../lowering/one-instruction.ts'
import { orphanCalls, orphanResults } from '../lowering/orphans.ts'
import { output } from '../lowering/output.ts'
import { outputLimit } from '../lowering/output-limit.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { reasoning } from '../lowering/reasoning.ts'
import { resultErrors } from '../lowering/result-errors.ts'
import { omit } from '../lowering/rewrite.ts'
import { sampling } from '../lowering/sampling.ts'
import { shortMetadata } from '../lowering/short-metadata.ts'
import { splitResults } from '../lowering/split-results.ts'
import { toolChoice } from '../lowering/tool-choice.ts'
import { toolIds } from '../lowering/tool-ids.ts'
import { toolNames } from '../lowering/tool-names.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { OPENAI_FILES } from '../openai-files.ts'
import { withoutReasoning } from '../lowering/without-reasoning.ts'
import { type Flags, flagsOf } from './flags.ts'
import { foreignReasoning } from './foreign-reasoning.ts'
import { hostedRules } from './hosted-tools.ts'
import { placedParts } from './placed-parts.ts'
import { notStored } from './storage.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** A client of this wire is taken at its word; other dialects are said as OpenAI has it. */
export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  const passesFor = request.origin.dialect === OPENAI_RESPONSES ? ownPasses : foreignPasses
  return runPasses(request, passesFor(profile))
}

const ownPasses = perProfile((profile) => passes(profile, { own: true }))
const foreignPasses = perProfile((profile) => passes(profile, { own: false }))

function passes(profile: Profile, { own }: { readonly own: boolean }): readonly Pass[] {
  const flags = flagsOf(profile)
  return [
    hostedTools(hostedRules, flags.hostedTools),
    foreignFields({ dialect: OPENAI_RESPONSES }),
    foreignReasoning(),
    foreignState({ dialect: OPENAI_RESPONSES, provider: profile.provider }),
    ...(own ? [] : translated()),
    ...declared(flags, own),
  ]
}

/** OpenAI's own rules, for what other dialects have said in their way. */
function translated(): readonly Pass[] {
  return [
    notStored(),
    splitResults(),
    lateResults(),
    orphanResults(),
    orphanCalls(),
    resultErrors({ prefix: 'Error: ' }),
    media({
      image: ['base64', 'url', 'file'],
      imageTypes: USUAL_IMAGES,
      file: ['base64', 'url', 'file'],
      audio: [],
      video: [],
      dialect: OPENAI_FILES,
    }),
    documentLabels({ names: true, unnamed: 'file' }),
    placedParts(),
    dropEmptyText(),
    oneInstruction,
    begunAnswer({ dialect: OPENAI_RESPONSES }),
    toolNames({ pattern: /^[A-Za-z0-9_-]{1,128}$/, maxLength: 128 }),
    toolIds({ legal: /^.{1,64}$/s, length: 24 }),
    toolChoice({ required: true, named: true, subset: true, none: 'native', parallel: 'native' }),
    emptySettings(),
    sampling({ supported: SAMPLING_FIELDS.map(([key]) => key), temperatureMax: 2 }),
    hiddenThinking,
    outputLimit({ min: 16 }),
    output({ json: true, jsonSchema: true, verbosity: true }),
    mentionedJson({ among: 'conversation' }),
    shortMetadata({ pairs: 16, keyLength: 64, valueLength: 512 }),
    withoutCacheMarks(),
    unsupported({ features: ['region', 'names', 'citations'] }),
  ]
}

/** Thinking is not shown here unless it is asked for. */
const hiddenThinking: Pass = (request) => {
  if (request.reasoning?.show !== 'omitted') return { value: request, notes: [] }
  const note: Note = {
    action: 'dropped',
    feature: 'reasoning_display',
    path: 'reasoning.show',
    weight: 0,
    reason: 'the target shows no thinking unless it is asked to',
  }
  return { value: { ...request, reasoning: omit(request.reasoning, ['show']) }, notes: [note] }
}

/** What the host of the profile takes otherwise than OpenAI. */
function declared(flags: Flags, own: boolean): readonly Pass[] {
  const spelling = own && flags.reasoningEfforts === undefined ? 'as written' : 'printed'
  return [
    ...(flags.customTools ? [] : [customTools()]),
    withoutRefused(flags),
    ...thinking(flags, spelling),
  ]
}

function thinking(flags: Flags, spelling: 'as written' | 'printed'): readonly Pass[] {
  if (flags.reasoningControl === 'none') return [withoutReasoning()]
  const efforts = flags.reasoningEfforts ?? EFFORTS
  return spelling === 'as written' ? [] : [reasoning({ speaks: 'effort', efforts, show: 'native' })]
}

const SAMPLING_FIELDS = [
  ['temperature', 'temperature'],
  ['topP', 'top_p'],
  ['logprobs', 'logprobs'],
  ['topLogprobs', 'top_logprobs'],
] as const

function withoutRefused({ unsupportedFields, refusedWhileReasoning }: Flags): Pass {
  return (request) => {
    const more = isAskedToReason(request) ? refusedWhileReasoning : []
    const refused = [...unsupportedFields, ...more]
    if (refused.length === 0) return { value: request, notes: [] }
    const taken = SAMPLING_FIELDS.filter(([, field]) => !refused.includes(field))
    return sampling({ supported: taken.map(([key]) => key) })(request)
  }
}
