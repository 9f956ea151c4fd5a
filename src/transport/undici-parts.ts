// What we use of undici, each from its own file: the index loads fetch, mocks, caches and proxies as well, 12 MB of memory (8.12.4).
/// <reference path="./undici-files.d.ts" />
import type { Client, buildConnector } from 'undici'
import connectorFile from 'undici/lib/core/connect.js'
import clientFile from 'undici/lib/dispatcher/client.js'

export const UndiciClient: typeof Client = clientFile
export const openConnector: typeof buildConnector = connectorFile
