import { DefaultAzureCredential } from "@azure/identity";

const credentials = new Map<string, DefaultAzureCredential>();

/** The app's identity; one credential per client id, so that its tokens are shared. */
export function credentialFor(clientId: string | undefined): DefaultAzureCredential {
  const key = clientId ?? "";
  const known = credentials.get(key);
  if (known !== undefined) return known;
  const credential = new DefaultAzureCredential(
    clientId === undefined ? {} : { managedIdentityClientId: clientId },
  );
  credentials.set(key, credential);
  return credential;
}

/** Tokens of the app's identity. */
export function tokensOf(clientId: string | undefined): (scope: string) => Promise<string> {
  return async (scope) => (await credentialFor(clientId).getToken(scope)).token;
}
