import type { SourceRange } from "./api";

/** Mistakes in a query that keep a job from starting. */
export const compileErrors = {
  ASA_SYNTAX: "The text does not follow the grammar.",
  ASA_UNEXPECTED_CHARACTER: "A character is no part of the language.",
  ASA_UNTERMINATED: "A string, a comment or a bracketed name has no end.",
  ASA_NUMBER_OUT_OF_RANGE: "An integer literal does not fit into 64 bits.",
  ASA_TOO_DEEP: "Expressions or subqueries are nested deeper than the compiler allows.",
  ASA_NOT_SUPPORTED: "The construct is not part of the language, or of this engine; the message names it.",
  ASA_NO_STATEMENT: "WITH steps are not followed by a SELECT statement.",
  ASA_UNKNOWN_INPUT: "FROM names neither a step nor a declared input.",
  ASA_UNKNOWN_OUTPUT: "INTO names no declared output.",
  ASA_DUPLICATE_OUTPUT: "Two statements write to one output where the dialect forbids it.",
  ASA_DUPLICATE_STEP: "Two WITH steps have one name.",
  ASA_STEP_SHADOWS_INPUT: "A step or a derived table has the name of an input.",
  ASA_STEP_CYCLE: "A step reads itself or a step that is defined after it.",
  ASA_INTO_IN_SUBQUERY: "INTO stands in a step or in a derived table.",
  ASA_INTO_IN_UNION: "INTO stands in a later branch of a UNION and names another output.",
  ASA_UNION_COLUMNS: "The branches of a UNION do not fit together.",
  ASA_UNKNOWN_SOURCE: "A qualified name starts with no source of the FROM clause.",
  ASA_DUPLICATE_SOURCE: "Two sources of one FROM clause have one name.",
  ASA_TWO_ALIASES: "A source has an alias before and one after its clauses.",
  ASA_UNKNOWN_COLUMN: "A source with a closed schema has no such column.",
  ASA_AMBIGUOUS_COLUMN: "An unqualified column may belong to several sources.",
  ASA_DUPLICATE_COLUMN: "Two items of a SELECT list have one name.",
  ASA_STAR: "The star is used where it cannot stand.",
  ASA_UNKNOWN_FUNCTION: "No function of that name can be called there.",
  ASA_ARGUMENT_COUNT: "A function is called with too few or too many arguments.",
  ASA_ARGUMENT_TYPE: "An argument's static type is not allowed.",
  ASA_ARGUMENT_CONSTANT: "An argument must be a constant, or lies outside the allowed values.",
  ASA_DATE_PART: "A date part or a time unit does not exist.",
  ASA_OPERAND_TYPE: "An operator does not take operands of that static type.",
  ASA_CAST_TYPE: "A value of that static type never converts to the target type.",
  ASA_UNKNOWN_TYPE: "A type name does not exist.",
  ASA_CONDITION_AS_VALUE: "A condition stands where a value is needed.",
  ASA_VALUE_AS_CONDITION: "A value stands where a condition is needed.",
  ASA_CASE_WITHOUT_ELSE: "CASE has no ELSE.",
  ASA_CREATE_TABLE: "CREATE TABLE names an unknown input, an input twice or a column twice.",
  ASA_TIMESTAMP_BY_SOURCE: "TIMESTAMP BY stands on something that is no stream input.",
  ASA_TIMESTAMP_BY_EXPRESSION: "TIMESTAMP BY uses what is only known after it.",
  ASA_SUBSTREAM: "TIMESTAMP BY ... OVER breaks one of its limits.",
  ASA_PARTITION_BY: "PARTITION BY or INTO n is used against its rules.",
  ASA_JOIN_UNBOUNDED: "A join of streams has no DATEDIFF that bounds it on both sides.",
  ASA_JOIN_BOUND_TOO_LARGE: "A join's DATEDIFF allows more than 7 days.",
  ASA_JOIN_PARTITION: "A join of partitioned streams has no equality of the partition keys.",
  ASA_JOIN_REFERENCE: "Reference data stands where a stream is needed, or the other way round.",
  ASA_APPLY_FUNCTION: "APPLY takes GetArrayElements or GetRecordProperties only.",
  ASA_WINDOW_MISSING: "GROUP BY has no window.",
  ASA_WINDOW_TWICE: "GROUP BY has more than one window.",
  ASA_WINDOW_PLACE: "A window function stands outside GROUP BY.",
  ASA_WINDOW_ARGUMENT: "A window's argument is no constant, or lies outside the allowed values.",
  ASA_WINDOW_TOO_LARGE: "A duration is longer than 7 days.",
  ASA_WINDOW_ID: "The ids of Windows() are missing in part, or not unique.",
  ASA_NOT_GROUPED: "A SELECT item is neither an aggregate nor built from the keys of GROUP BY.",
  ASA_AGGREGATE_PLACE: "An aggregate stands where none can be computed.",
  ASA_AGGREGATE_NESTED: "An aggregate or analytic function is nested in another one.",
  ASA_ANALYTIC_PLACE: "An analytic function stands where none can be computed.",
  ASA_ANALYTIC_SOURCES: "An analytic function uses columns of several sources.",
  ASA_OVER: "OVER lacks a part that the function needs, or has one that it does not take.",
  ASA_METADATA_INPUT: "GetMetadataPropertyValue reads something that is no stream input.",
  ASA_MATCH_RECOGNIZE: "MATCH_RECOGNIZE breaks one of its rules.",
} as const;

/** Findings that do not keep a job from starting. */
export const compileWarnings = {
  ASA_CONTRACT_COLUMN: "A column is not part of the input's event contract.",
  ASA_ALIAS_NOT_VISIBLE:
    "A name in WHERE or GROUP BY is an alias of the SELECT list, which is not visible there.",
  ASA_QUOTED_NAME: "A name in double quotes stands where a text is likely meant.",
  ASA_SLOW_PATTERN: "A regular expression repeats a repetition, so that it may search without end.",
  ASA_UNUSED_STEP: "No statement reads a step.",
  ASA_UNUSED_INPUT: "CREATE TABLE declares an input that no statement reads.",
  ASA_NEVER_MATCHES: "A comparison can never be true.",
  ASA_NEVER_CLOSES: "A window or a join never produces what it waits for.",
  ASA_NONDETERMINISTIC: "The result depends on the order of arrival.",
  ASA_LATE_POLICY_IGNORED: "Ordering policies have no effect without TIMESTAMP BY.",
  ASA_NOT_PARALLEL: "The query cannot run in parallel over the partitions of its inputs.",
  ASA_PARTITION_KEY_UNUSED: "A partitioned step does not group by its partition key.",
  ASA_DUPLICATE_OUTPUT_WARNING: "Several statements append to one output.",
  ASA_LIMIT: "The job is beyond a documented limit of the service.",
} as const;

/** Errors of a running job and of the calls of the library. */
export const runtimeErrors = {
  ASA_COMPILE_FAILED: "A job was to be made from a query that has errors.",
  ASA_UNKNOWN_SWITCH: "A dialect option or its value does not exist.",
  ASA_SNAPSHOT_ORDER:
    "The parts of a snapshot were done in another order than prepare, capture, seal, bytes.",
  ASA_STATE_MISMATCH: "A snapshot belongs to another query, or its format is unknown.",
  ASA_CONVERSION: "A value does not convert to the type that a CAST or an operator needs.",
  ASA_ARGUMENT_VALUE: "A function was given a value that it does not take.",
  ASA_ARITHMETIC: "An integer result does not fit into 64 bits, or an integer is divided by zero.",
  ASA_COMPARISON: "Two values of types that have no order are compared.",
  ASA_FUNCTION_FAILED: "A JavaScript function of the job threw an error, or the job has no function host.",
  ASA_JOB_BUSY: "A job was called from within its own onRows, onLines or onDiagnostic.",
  ASA_JOB_FAILED: "A call reached a job that has failed; the first error is its cause.",
  ASA_JOB_FINISHED: "Events reached a job whose input has ended.",
  ASA_JOB_INPUT: "A call names an input or a partition that the job does not have.",
} as const;

/** Every code of the engine with what it means; docs/errors.md is written from these tables. */
export const asaErrors = { ...compileErrors, ...compileWarnings, ...runtimeErrors } as const;

export type CompileErrorCode = keyof typeof compileErrors;
export type CompileWarningCode = keyof typeof compileWarnings;
/** Code of an error or warning of the engine: a key of `asaErrors`. */
export type AsaErrorCode = keyof typeof asaErrors;

/** An error of the engine with a code, what to do about it and, for errors of a query text, its place. */
export class AsaError extends Error {
  readonly code: AsaErrorCode;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly location: SourceRange | undefined;

  constructor(
    code: AsaErrorCode,
    message: string,
    options: {
      readonly detail?: string;
      readonly hint?: string;
      readonly location?: SourceRange;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AsaError";
    this.code = code;
    this.detail = options.detail;
    this.hint = options.hint;
    this.location = options.location;
  }
}
