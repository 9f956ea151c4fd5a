// How a worker joins: it says that it is here, and is told by the primary what it is.
import { Answerers, Line, type Word } from './line.ts'
import { Peers } from './peers.ts'

/** The channel that a worker has to its primary. */
export interface Channel {
  send(words: readonly Word[]): void
  onWords(hear: (words: readonly Word[]) => void): void
}

export async function joinPeers(channel: Channel): Promise<Peers> {
  const { promise, resolve } = Promise.withResolvers<Peers>()
  const duties = new Answerers()
  let peers: Peers | undefined
  const line: Line = new Line({
    send: (words) => channel.send(words),
    answerers: duties,
    hear: (news) => {
      if (news.type !== 'start') return peers?.hear(news)
      peers = new Peers(line, duties, news)
      resolve(peers)
    },
  })
  channel.onWords((words) => line.receive(words))
  line.tell({ type: 'here' })
  return promise
}
