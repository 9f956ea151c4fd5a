// What makes a request printable on this wire, for the host that a profile describes: the list of passes, in order.
import type { Lowered } from '../../canonical/note.ts'
import { type ChatRequest, EFFORTS, type Sampling } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { isAskedToReason } from '../lowering/asked-to-reason.ts'
import { begunAnswer } from '../lowering/begun-answer.ts'
import { withoutCacheMarks } from '../lowering/cache-marks.ts'
import { alternate } from '../lowering/alternate.ts'
import { coalesce } from '../lowering/coalesce.ts'
import { customTools } from '../lowering/custom-tools.ts'
import { developerAsSystem } from '../lowering/developer-role.ts'
import { documentLabels } from '../lowering/document-labels.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { emptySettings } from '../lowering/empty-settings.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { foreignState } from '../lowering/foreign-state.ts'
import { hostedTools } from '../lowering/hosted-tools.ts'
import { lateResults } from '../lowering/late-results.ts'
import { media } from '../lowering/media.ts'
import { mentionedJson } from '../lowering/mentioned-json.ts'
import { USUAL_IMAGES } from '../lowering/media-type.ts'
import { orphanCalls, orphanResults } from '../lowering/orphans.ts'
import { output } from '../lowering/output.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { reasoning } from '../lowering/reasoning.ts'
import { resultErrors } from '../lowering/result-errors.ts'
import { resultMedia } from '../lowering/result-media.ts'
import { sampling } from '../lowering/sampling.ts'
import { shortMetadata } from '../lowering/short-metadata.ts'
import { splitResults } from '../lowering/split-results.ts'
import { idleChoice, toolChoice } from '../lowering/tool-choice.ts'
import { toolIds } from '../lowering/tool-ids.ts'
import { toolNames } from '../lowering/tool-names.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { OPENAI_FILES } from '../openai-files.ts'
import { withoutReasoning } from '../lowering/without-reasoning.ts'
import { type Flags, flagsOf } from './flags.ts'
import { hostedRules } from './hosted-tools.ts'
import { placedParts } from './placed-parts.ts'
import { refusedFields } from './refused-fields.ts'
import { replayedReasoning } from './replayed-reasoning.ts'
import { SAMPLING_FIELDS } from './sampling-fields.ts'
import { OPENAI_CHAT } from './wire-types.ts'

/** A chat client is taken at its word, but for what the profile declares; other dialects are said as OpenAI has it. */
export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  const passesFor = request.origin.dialect === OPENAI_CHAT ? ownPasses : foreignPasses
  return runPasses(request, passesFor(profile))
}

const ownPasses = perProfile((profile) => passes(profile, { own: true }))
const foreignPasses = perProfile((profile) => passes(profile, { own: false }))

function passes(profile: Profile, { own }: { readonly own: boolean }): readonly Pass[] {
  const flags = flagsOf(profile)
  return [
    hostedTools(hostedRules, flags.hostedTools),
    foreignFields({ dialect: OPENAI_CHAT }),
    foreignState({ dialect: OPENAI_CHAT, provider: profile.provider }),
    ...(own ? [] : results()),
    ...resultsWithMedia(flags, own),
    // Where a tool loop begins shows once results have their places.
    replayedReasoning(flags.reasoningReplay ?? (own ? 'always' : 'never')),
    ...(own ? [] : translated(flags)),
    ...declared(flags, own),
    ...(own ? [] : [idleChoice]),
  ]
}

/** Calls and results where this wire wants them. */
function results(): readonly Pass[] {
  return [
    splitResults(),
    lateResults(),
    orphanResults(),
    orphanCalls(),
    resultErrors({ prefix: 'Error: ' }),
  ]
}

function resultsWithMedia({ toolResultMedia }: Flags, own: boolean): readonly Pass[] {
  return toolResultMedia === true || (own && toolResultMedia === undefined) ? [] : [resultMedia()]
}

/** OpenAI's own rules, for what other dialects have said in their way. */
function translated(flags: Flags): readonly Pass[] {
  return [
    media({
      image: imageSources(flags),
      audio: ['base64'],
      imageTypes: USUAL_IMAGES,
      file: ['base64', 'file'],
      video: [],
      dialect: OPENAI_FILES,
    }),
    documentLabels({ names: true }),
    placedParts(),
    dropEmptyText(),
    coalesce(),
    begunAnswer({ dialect: OPENAI_CHAT }),
    ...(flags.customTools ? [] : [customTools()]),
    toolNames({ pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 }),
    toolIds({ legal: /^.{1,40}$/s, length: 24 }),
    ...(flags.cacheMarks === undefined ? [withoutCacheMarks()] : []),
    mentionedJson({ among: 'all', schemas: flags.jsonSchema ? 'kept' : 'as-json' }),
    shortMetadata({ pairs: 16, keyLength: 64, valueLength: 512 }),
    unsupported({ features: ['region', 'citations'] }),
  ]
}

/** What the host of the profile takes otherwise than OpenAI. */
function declared(flags: Flags, own: boolean): readonly Pass[] {
  const refused = flags.unsupportedFields
  return [
    ...(flags.developerRole ? [] : [developerAsSystem()]),
    ...(flags.alternateTurns ? [alternate()] : []),
    ...(own && !flags.customTools ? [customTools()] : []),
    ...(own && !(flags.images && flags.imageUrls) ? [imagesOf(flags)] : []),
    ...(flags.toolIds === 'nine' ? [toolIds({ legal: /^[A-Za-z0-9]{9}$/, length: 9 })] : []),
    toolChoice({
      required: flags.toolChoiceRequired,
      named: flags.toolChoiceNamed,
      subset: flags.toolChoiceAllowed,
      none: flags.toolChoiceNone ? 'native' : 'strip',
      parallel: flags.parallelToolCalls ? 'native' : 'drop',
    }),
    ...(own ? [] : [emptySettings()]),
    (request) => sampling(samplingRules(whileReasoning(flags, request), own))(request),
    ...thinking(flags, own),
    output({
      json: flags.jsonObject,
      jsonSchema: flags.jsonSchema,
      verbosity: !refused.includes('verbosity'),
      prediction: !refused.includes('prediction'),
      modalities: refused.includes('modalities') ? [] : ['audio'],
    }),
    unsupported({
      features: [
        ...(flags.strictTools ? [] : ['strict' as const]),
        ...(flags.cacheMarks === 'none' ? ['caching' as const] : []),
      ],
    }),
    refusedFields(refused),
  ]
}

function imagesOf(flags: Flags): Pass {
  return media({
    image: imageSources(flags),
    audio: ['base64', 'url', 'file'],
    file: ['base64', 'url', 'file'],
    video: ['base64', 'url', 'file'],
  })
}

function imageSources(flags: Flags): readonly ('base64' | 'url')[] {
  if (!flags.images) return []
  return flags.imageUrls ? ['base64', 'url'] : ['base64']
}

/** Some models take settings only as long as they do not reason. */
function whileReasoning(flags: Flags, request: ChatRequest): Flags {
  if (!isAskedToReason(request)) return flags
  const unsupportedFields = [...flags.unsupportedFields, ...flags.refusedWhileReasoning]
  return { ...flags, unsupportedFields }
}

const EXTRA: ReadonlySet<keyof Sampling> = new Set(['topK', 'minP', 'repeatPenalty'])

/** Some hosts take more than OpenAI does; a chat client who asks for it knows his host. */
function samplingRules(flags: Flags, own: boolean): Parameters<typeof sampling>[0] {
  const supported = SAMPLING_FIELDS.filter(([key, field]) => {
    if (flags.unsupportedFields.includes(field)) return false
    return own || !EXTRA.has(key) || flags.extraSampling.includes(field)
  })
  const stopMax = flags.stopMax ?? (own ? undefined : 4)
  const temperatureMax = flags.temperatureMax ?? (own ? undefined : 2)
  return {
    supported: supported.map(([key]) => key),
    ...(stopMax === undefined ? {} : { stopMax }),
    ...(temperatureMax === undefined ? {} : { temperatureMax }),
  }
}

function thinking(flags: Flags, own: boolean): readonly Pass[] {
  const refused = flags.unsupportedFields.includes('reasoning_effort')
  if (flags.reasoningControl === 'none' || refused) return [withoutReasoning()]
  const asWritten = own && flags.reasoningControl === undefined
  if (asWritten && flags.reasoningEfforts === undefined) return []
  return [asked(flags.reasoningControl ?? 'reasoning_effort', flags)]
}

type Control = Exclude<NonNullable<Flags['reasoningControl']>, 'none'>

function asked(control: Control, flags: Flags): Pass {
  const efforts = EFFORTS.filter((effort) => flags.reasoningEfforts?.includes(effort) !== false)
  switch (control) {
    case 'reasoning_effort':
      return reasoning({ speaks: 'effort', efforts })
    case 'reasoning':
      return (request) => ({ value: request, notes: [] })
    case 'thinking':
      return reasoning({ speaks: 'level', efforts: flags.reasoningEfforts ? efforts : [] })
    case 'enable_thinking':
      return reasoning({ speaks: 'level', efforts: [] })
  }
}
