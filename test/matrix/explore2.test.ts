import { it } from 'vitest'
import { dialects } from '../../src/dialects/registry.ts'
import { groups } from './probes/groups.ts'
import { compact } from '../../src/canonical/compact.ts'
import { PLAIN_ANSWER, PLAIN_REQUEST } from './plain-words.ts'
import { translateAnswer, translateRequest } from './translation.ts'
import { differences } from './difference.ts'
import { normalRequest } from './normal-request.ts'
import { normalAnswer } from './normal-answer.ts'
import { clientRequest, providerAnswer } from './clients.ts'
it('explore', () => {
  for (const group of groups) for (const feature of group.features) for (const probe of feature.probes) for (const d of dialects) {
    if (probe.kind === 'request' && probe.asks && !clientRequest(probe, d)) {
      const { back, notes, lowered } = translateRequest(compact({ ...PLAIN_REQUEST, ...probe.asks }) as never, d)
      if (notes.some((n) => n.weight > 0)) continue
      console.log(probe.name, '|', d.id, JSON.stringify(differences(normalRequest(compact({ ...PLAIN_REQUEST, ...probe.asks }) as never), normalRequest(back, lowered.renamedTools))), JSON.stringify(notes.map(n=>n.feature)))
    }
    if (probe.kind === 'answer' && probe.says && !providerAnswer(probe, d)) {
      const said = compact({ ...PLAIN_ANSWER, ...probe.says }) as never
      const { back, notes } = translateAnswer(said, d)
      if (notes.some((n) => n.weight > 0)) continue
      console.log(probe.name, '|', d.id, back ? JSON.stringify(differences(normalAnswer(said), normalAnswer(back))): 'error', JSON.stringify(notes.map(n=>n.feature)))
    }
  }
})
