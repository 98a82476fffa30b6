/** A value on its way between host and worker; one member is set. Names are those of the worker's protocol. */
export interface RpcTypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly int?: number;
  readonly double?: number;
  readonly http?: RpcHttp;
  readonly collectionBytes?: { readonly bytes: readonly Uint8Array[] };
  readonly collectionDouble?: { readonly double: readonly unknown[] };
  readonly collectionString?: { readonly string: readonly string[] };
}

/** A request or a response. */
export interface RpcHttp {
  readonly method?: string;
  readonly url?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: RpcTypedData | null;
  readonly statusCode?: string;
  readonly cookies?: readonly RpcCookie[];
}

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string } | undefined;
  readonly path?: { readonly value: string } | undefined;
  readonly secure?: { readonly value: boolean } | undefined;
  readonly httpOnly?: { readonly value: boolean } | undefined;
  readonly maxAge?: { readonly value: number } | undefined;
  readonly expires?: { readonly value: unknown } | undefined;
  readonly sameSite?: string;
}

export interface RpcDuration {
  readonly seconds?: number;
  readonly nanos?: number;
}

/** Retry policy as the app registered it; the library rounds every interval to whole seconds. */
export interface RpcRetryOptions {
  readonly maxRetryCount?: number;
  readonly retryStrategy?: string;
  readonly delayInterval?: RpcDuration;
  readonly minimumInterval?: RpcDuration;
  readonly maximumInterval?: RpcDuration;
}

/** One trigger, input or output of a function; further members depend on `type`. */
export interface BindingInfo {
  readonly type: string;
  readonly direction: "in" | "out";
  readonly [property: string]: unknown;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
  readonly retryOptions?: RpcRetryOptions;
}

/** What one invocation gets. */
export interface InvocationRequest {
  readonly inputData: readonly { readonly name: string; readonly data: RpcTypedData }[];
  readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  readonly retryContext?: {
    readonly retryCount: number;
    readonly maxRetryCount: number;
    readonly exception?: { readonly message: string; readonly stackTrace: string };
  };
}

/** What one invocation gives back. */
export interface InvocationResponse {
  readonly returnValue?: RpcTypedData | null;
  readonly outputData?: readonly { readonly name: string; readonly data: RpcTypedData }[];
}
