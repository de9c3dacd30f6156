/** Messages of interop.proto as clients and servers here see them. */
export interface Payload {
  readonly body?: Buffer
}

export interface EchoStatus {
  readonly code?: number
  readonly message?: string
}

export interface SimpleRequest {
  readonly response_size?: number
  readonly payload?: Payload
  readonly response_status?: EchoStatus | null
}

export interface SimpleResponse {
  readonly payload?: Payload | null
}

export interface Input {
  readonly payload?: Payload
}

export interface InputSize {
  readonly aggregated_payload_size: number
}

export interface OutputRequest {
  readonly response_parameters?: readonly { readonly size?: number; readonly interval_us?: number }[]
  readonly payload?: Payload
  readonly response_status?: EchoStatus | null
}

export interface Output {
  readonly payload?: Payload | null
}
