// The state of a vault as text.
import { ObjectReader } from '../../wire/json.ts'

const STATES: Readonly<Record<string, string>> = {
  absent: 'There is no vault yet. Make one: patchbay init',
  sealed: 'sealed',
  open: 'open',
}

export function statusText(status: ObjectReader): string {
  const state = status.string('state')
  const reason = status.optionalString('reason')
  const id = status.optionalString('vault_id')
  const generation = status.optionalNumber('generation')
  const refused = status.optionalStrings('refused') ?? []
  const parts = [
    STATES[state] ?? state,
    ...(reason === undefined || reason === 'vault_sealed' ? [] : [`because of ${reason}`]),
    ...(id === undefined ? [] : [`${status.number('records')} secrets`]),
    ...(generation === undefined ? [] : [`root key of generation ${generation}`]),
    ...(refused.length === 0 ? [] : [`do not open: ${refused.join(', ')}`]),
  ]
  return parts.join(', ')
}

export function slotRows(status: ObjectReader): readonly (readonly string[])[] {
  const rows = status.items('slots').map(({ value, path }) => {
    const slot = ObjectReader.of(value, path)
    const label = slot.optionalString('label') ?? ''
    return [slot.string('id'), slot.string('type'), slot.string('created_at').slice(0, 10), label]
  })
  return [['SLOT', 'TYPE', 'MADE', 'LABEL'], ...rows]
}
