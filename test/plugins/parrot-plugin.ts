// A plugin as a user would write it: a class and nothing else.
import { EchoProvider } from '../echo-provider.ts'

export class ParrotProvider extends EchoProvider {
  static readonly providerType: string = 'parrot'
}

export class GreyOwlProvider extends EchoProvider {}
