import { AsaError } from "../../errors";

/** The error of a snapshot that cannot be read. */
export function stateMismatch(message: string): AsaError {
  return new AsaError("ASA_STATE_MISMATCH", message, {
    hint: "Start the job without the snapshot, or with the one that this version of the query made.",
  });
}
