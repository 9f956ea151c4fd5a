// Of what call an attempt is, and on whose account: what every row of it says.
import { compact } from '../canonical/compact.ts'
import type { Exchange } from '../exchange/exchange.ts'
import type { AttemptLabels } from './ledger.ts'

type Whose = Pick<
  AttemptLabels,
  'callId' | 'operation' | 'caller' | 'team' | 'parents' | 'tags' | 'route'
>

export function whoseOf({ id, operation, caller, account = {}, choice }: Exchange): Whose {
  const { team, parents, tags } = account
  return compact({ callId: id, operation, caller, team, parents, tags, route: choice?.route })
}
