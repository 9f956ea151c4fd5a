// Makes any request sayable to Ollama: the list of passes, in order.
import type { Lowered } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { perProfile } from '../per-profile.ts'
import { coalesce } from '../lowering/coalesce.ts'
import { customTools } from '../lowering/custom-tools.ts'
import { describedSchema } from '../lowering/described-schema.ts'
import { developerAsSystem } from '../lowering/developer-role.ts'
import { dropEmptyText } from '../lowering/empties.ts'
import { emptySettings } from '../lowering/empty-settings.ts'
import { foreignFields } from '../lowering/foreign-fields.ts'
import { foreignState } from '../lowering/foreign-state.ts'
import { hostedCalls } from '../lowering/hosted-calls.ts'
import { media } from '../lowering/media.ts'
import { objectArguments } from '../lowering/object-arguments.ts'
import { output } from '../lowering/output.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { resultErrors } from '../lowering/result-errors.ts'
import { resultMedia } from '../lowering/result-media.ts'
import { resultNames } from '../lowering/result-names.ts'
import { sampling } from '../lowering/sampling.ts'
import { splitResults } from '../lowering/split-results.ts'
import { toolChoice } from '../lowering/tool-choice.ts'
import { unsupported } from '../lowering/unsupported.ts'
import { wordsAsText } from '../lowering/words-as-text.ts'
import { carriedFields, defaultKeepAlive } from './carried-fields.ts'
import { fixedSeed } from './fixed-seed.ts'
import { type OllamaFlags, flagsOf } from './flags.ts'
import { oneText, picturesFirst } from './plain-content.ts'
import { thinkingControl } from './thinking-control.ts'
import { thinkingReplay } from './thinking-replay.ts'
import { toolSchemas } from './tool-schema.ts'
import { DIALECT } from './wire-types.ts'

/** A request that came in this dialect is taken at its word: only what its client could not have meant for Ollama changes. */
export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  const { own, foreign } = passesFor(profile)
  return runPasses(request, request.origin.dialect === DIALECT ? own : foreign)
}

const passesFor = perProfile((profile) => {
  const flags = flagsOf(profile)
  const usual = always(profile)
  const last = defaultKeepAlive(flags.keepAlive)
  return {
    own: [...usual, last],
    foreign: [carriedFields(), ...usual, ...translating(flags), last],
  }
})

/** What no wire but this one's own could have asked for passes these untouched. */
function always(profile: Profile): readonly Pass[] {
  return [
    hostedCalls({ dialect: DIALECT }),
    foreignFields({ dialect: DIALECT }),
    foreignState({ dialect: DIALECT, provider: profile.provider }),
    developerAsSystem(),
    toolChoice({ required: false, named: false, none: 'strip', parallel: 'drop' }),
    sampling({
      supported: [
        'temperature',
        'topP',
        'topK',
        'minP',
        'seed',
        'presencePenalty',
        'frequencyPenalty',
        'repeatPenalty',
        'stop',
        'logprobs',
        'topLogprobs',
      ],
    }),
    output({ json: true, jsonSchema: true }),
    unsupported({
      features: [
        'caching',
        'user',
        'metadata',
        'tier',
        'storing',
        'region',
        'strict',
        'names',
        'detail',
        'citations',
      ],
    }),
  ]
}

/** Sampling defaults differ between wires; what a client left out stays left out, num_ctx above all: it would reload the model. */
function translating(flags: OllamaFlags): readonly Pass[] {
  return [
    emptySettings(),
    fixedSeed,
    customTools(),
    media({ image: ['base64'], audio: flags.audio ? ['base64'] : [], video: [], file: [] }),
    splitResults(),
    resultErrors({ prefix: 'Error: ' }),
    resultMedia(),
    resultNames(),
    thinkingReplay(flags.thinking ? 'loop' : 'none'),
    wordsAsText(['refusal', 'search-result']),
    dropEmptyText(),
    coalesce(),
    picturesFirst,
    oneText,
    objectArguments(),
    toolSchemas(),
    describedSchema,
    thinkingControl(flags),
  ]
}
