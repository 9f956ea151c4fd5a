// What the vendor does on its own side for a request: servers whose tools it calls, containers that hold files and skills.
import { type FieldWeights, always } from '../field-weights.ts'

export const fieldWeights: FieldWeights = {
  // A label of what goes on without it.
  type: always(0),
  mcp_servers: always(3),
  container: always(3),
}
