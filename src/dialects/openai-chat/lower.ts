// What makes a request printable on this wire, for the host that a profile describes.
import type { Lowered } from '../../canonical/note.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { Profile } from '../dialect.ts'
import { runPasses } from '../lowering/pass.ts'

export function lower(request: ChatRequest, _profile: Profile): Lowered<ChatRequest> {
  return runPasses(request, [])
}
