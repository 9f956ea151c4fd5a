// The connections to one place: a call takes the one that was used last of those that are free, or opens another.
/// <reference path="./undici-parts.d.ts" />
import type { Client, Dispatcher } from 'undici'
import HttpClient from 'undici/lib/dispatcher/client.js'

interface Connection {
  readonly client: Client
  isFree: boolean
}

/**
 * Not undici's own `Pool`, which looks at its connections one after the other for one that is free, twice for each call: under ten
 * thousand open streams that is most of what a call costs. What was used last is also what is open still.
 */
export class Connections {
  readonly #origin: string
  readonly #options: Client.Options
  readonly #all = new Set<Connection>()
  readonly #free: Connection[] = []

  constructor(origin: string, options: Client.Options) {
    this.#origin = origin
    this.#options = { ...options, pipelining: 1 }
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    const connection = this.#free.pop() ?? this.#opened()
    connection.isFree = false
    // It says so itself when it is free again, where it is not at once.
    if (connection.client.dispatch(options, handler)) this.#put(connection)
  }

  /** Ends every call that is under way. */
  async destroy(): Promise<void> {
    const clients = [...this.#all].map(({ client }) => client)
    this.#all.clear()
    this.#free.length = 0
    await Promise.all(clients.map((client) => client.destroy()))
  }

  #opened(): Connection {
    const client = new HttpClient(this.#origin, this.#options)
    const connection = { client, isFree: false }
    this.#all.add(connection)
    client.on('drain', () => this.#put(connection))
    client.on('disconnect', () => {
      if (connection.isFree) this.#retire(connection)
    })
    client.on('connectionError', () => this.#retire(connection))
    return connection
  }

  #put(connection: Connection): void {
    if (connection.isFree || !this.#all.has(connection)) return
    connection.isFree = true
    this.#free.push(connection)
  }

  /** Nobody needs one that was closed while it was free, or that could not be opened. */
  #retire(connection: Connection): void {
    this.#all.delete(connection)
    if (connection.isFree) this.#free.splice(this.#free.lastIndexOf(connection), 1)
    connection.isFree = false
    connection.client.close(() => undefined)
  }
}
