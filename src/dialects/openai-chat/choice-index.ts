// Which candidate a choice is: some hosts count their choices from anywhere.
import type { ChatRequest } from '../../canonical/request.ts'

/** The choice's own index where as many were asked for, else the first that is free. */
export function candidateAt(
  index: number,
  taken: ReadonlySet<number>,
  { sampling }: Pick<ChatRequest, 'sampling'>,
): number {
  if (index < (sampling.n ?? 1) && !taken.has(index)) return index
  let free = 0
  while (taken.has(free)) free += 1
  return free
}
