// All rows of the matrix, in their order.
import type { Group } from '../probe.ts'
import { conversation } from './conversation.ts'
import { ending } from './ending.ts'
import { hosted } from './hosted.ts'
import { media } from './media.ts'
import { output } from './output.ts'
import { reasoning } from './reasoning.ts'
import { sampling } from './sampling.ts'
import { settings } from './settings.ts'
import { tools } from './tools.ts'

export const groups: readonly Group[] = [
  conversation,
  media,
  tools,
  output,
  reasoning,
  sampling,
  settings,
  hosted,
  ending,
]
