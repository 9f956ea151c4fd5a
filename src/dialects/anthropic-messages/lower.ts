// What makes any request printable on this wire.
import type { Lowered } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { type Pass, runPasses } from '../lowering/pass.ts'
import { messageFlags } from './flags.ts'

export function lower(request: ChatRequest, profile: Profile): Lowered<ChatRequest> {
  return runPasses(request, passesFor(profile))
}

function passesFor(profile: Profile): readonly Pass[] {
  messageFlags(profile)
  return []
}
