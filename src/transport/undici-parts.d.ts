// The parts of undici that are used, by their own files: its index loads fetch, mocks, caches and proxies as well, 12 MB of memory (8.12.4).
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici'
  export default Client
}

declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici'
  export default buildConnector
}
