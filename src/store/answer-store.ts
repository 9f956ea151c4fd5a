// The contract of what remembers answers. Whatever it keeps belongs to one owner, and nobody else can find, go on from or remove it.
import type { KeptAnswer } from '../canonical/kept-answer.ts'

/** Answers that follow one another, the oldest first. */
export interface Conversation {
  readonly answers: readonly KeptAnswer[]
  /** Who should have come before them and is not there any more. */
  readonly missing?: string
}

export interface AnswerStore {
  /** Resolves with false where it is too large to be kept. */
  put(owner: string, answer: KeptAnswer): Promise<boolean>
  /** To look at it: it is not kept any longer for that. */
  find(owner: string, id: string): Promise<KeptAnswer | undefined>
  /** The answer and all that came before it, to go on from it: the time that they are kept for begins anew. */
  conversation(owner: string, id: string): Promise<Conversation>
  /** The latest answer with that item in it, to go on from it: the time that it is kept for begins anew. */
  holding(owner: string, item: string): Promise<KeptAnswer | undefined>
  /** False where there was none. Answers that went on from it stay, and their conversation breaks off there. */
  remove(owner: string, id: string): Promise<boolean>
  /** Forgets what is only in memory and stops what runs by itself. */
  close(): Promise<void>
}
