import Type from 'typebox'
import {
  ApiKeysOptions,
  BasicOptions,
  CertificateOptions,
  IntrospectionOptions,
  ServiceOptions
} from '../src/credentials/options.ts'

/** Credentials other than JSON Web Tokens, as they stand under `security`. */
export const credentialOptions = {
  apiKeys: Type.Optional(ApiKeysOptions),
  basic: Type.Optional(BasicOptions),
  introspection: Type.Optional(IntrospectionOptions),
  certificate: Type.Optional(CertificateOptions),
  service: Type.Optional(ServiceOptions)
}
