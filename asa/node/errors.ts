/** Codes of errors in projects, data files, functions and command lines; docs/errors.md is generated from this table. */
export const asaToolErrors = {
  ASA_USAGE: "The command line was not understood.",
  ASA_FILE_NOT_FOUND: "A file that a project, a test or the command line names does not exist.",
  ASA_FILE_UNREADABLE: "A file exists but cannot be read or decoded.",
  ASA_FILE_EXISTS: "A command would overwrite a file that it did not make.",
  ASA_JSON_INVALID: "A settings file is not well-formed JSON.",
  ASA_PROJECT_NOT_FOUND: "No asaproj.json and no *.asaproj was found.",
  ASA_PROJECT_AMBIGUOUS: "A folder holds several project files.",
  ASA_PROJECT_INVALID: "A project file lacks something or has a member of the wrong kind.",
  ASA_JOB_CONFIG_INVALID: "JobConfig.json has a value outside the documented set.",
  ASA_INPUT_INVALID: "An input definition lacks something or has an unknown value.",
  ASA_INPUT_WITHOUT_DATA: "A query reads an input that has no local data.",
  ASA_OUTPUT_NOT_WRITTEN:
    "A file of an output cannot be written: the disk is full, or the folder is not writable.",
  ASA_OUTPUT_INVALID: "An output definition lacks something or has an unknown value.",
  ASA_FUNCTION_INVALID: "A function definition or its script cannot be used.",
  ASA_FUNCTION_NOT_SUPPORTED:
    "A function of a kind that does not run here: C#, custom code or remote machine learning.",
  ASA_FUNCTION_FAILED:
    "A JavaScript function threw, ran too long, needed too much memory or returned an unusable value.",
  ASA_NOT_COMPILED: "Worker threads were asked for where the engine runs from its sources.",
  ASA_PARTITIONS_MEET:
    "A query was to run on several threads, but needs rows of several partitions together.",
  ASA_FORMAT_INVALID: "A data file does not have the format that its definition names.",
  ASA_FORMAT_NOT_SUPPORTED:
    "A data format or compression that does not exist in the service or is not readable here.",
  ASA_TEST_FAILED: "A test case gave other rows than it expects.",
  ASA_TEST_CONFIG_INVALID: "testConfig.json lacks something or has an unknown value.",
} as const;

/** Code of an error of the command line: a key of `asaToolErrors`. */
export type AsaToolErrorCode = keyof typeof asaToolErrors;

/** Where in a file an error lies; line and column are 1-based. */
export interface FilePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** An error of a project, a data file, a function or the command line, with a code, a place and what to do about it. */
export class AsaToolError extends Error {
  readonly code: AsaToolErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly place: FilePlace | undefined;

  constructor(
    code: AsaToolErrorCode,
    message: string,
    options: {
      readonly detail?: string;
      readonly hint?: string;
      readonly place?: FilePlace;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AsaToolError";
    this.code = code;
    this.detail = options.detail;
    this.hint = options.hint;
    this.place = options.place;
  }
}
