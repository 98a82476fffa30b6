const general = `asa: compile, run and test Azure Stream Analytics queries on this machine

  asa check [FILE|FOLDER...]   report every mistake in queries, as the service would
  asa run [FILE|FOLDER]        run a query over local data files
  asa test [testConfig.json]   run test cases and compare the rows
  asa explain FILE             print what the compiler makes of a query
  asa new FOLDER               make a project with local data and a test
  asa bench [FILE]             measure how fast a query runs

Any folder in the official project layout works as it is (asaproj.json or *.asaproj, JobConfig.json, Inputs,
Outputs, Functions, test). A query finds its project in its own folder or the nearest one above it.

Exit code: 0 fine, 1 a query or a test is wrong, 2 the command could not do its work, 3 a defect of asa itself.
"asa COMMAND --help" shows the options of a command with examples.
`;

const commands: Readonly<Record<string, string>> = {
  check: `asa check [FILE|FOLDER...]

Compiles each query against the inputs, outputs and functions of its project and reports all findings as
file:line:column: error CODE: message, with the source line and a hint.

  --project PATH            project to use instead of the nearest one
  --format text|sarif|junit form of the report
  --report FILE             where the report is written instead of standard output
  --warnings-as-errors      exit 1 on warnings too
  --dialect NAME=CHOICE     settle an open point of the language differently

  asa check .
  asa check . --format sarif --report asa.sarif
`,
  run: `asa run [FILE|FOLDER]

Runs a query over local data, as the official local run does: events are sorted by time, nothing is late, the end of
the data closes every window. Each output becomes a file in LocalRunOutputs/<time>/.

  --project PATH            project to use instead of the nearest one
  --input ALIAS=FILE        data of a stream input: JSON, CSV, Avro or Parquet, .gz too
  --reference ALIAS=FILE    rows of a reference input
  --print                   print the rows instead of writing files
  --output FOLDER           where the files go
  --overwrite               replace files that are there already
  --output-format FORMAT    json (default), csv, avro, parquet, delta, or project for each output's own
  --start TIME              timestamp of events without TIMESTAMP BY (default: now)
  --workers N               spread the events over N threads, where the query allows it; with --replay by partition
  --partition-key ALIAS=COL with --workers: the column of an input that all its GROUP BY, OVER and ON follow
  --replay FIELD            apply the job's late and out-of-order policies; FIELD holds the arrival time
  --partition-field FIELD   with --replay: the field that holds the event's partition; each has its own clock
  --partitions N            with --partition-field: how many there are (default: 16)
  --dialect NAME=CHOICE     settle an open point of the language differently

  asa run . --print
  asa run query.asaql --input telemetry=day1.json.gz --print
`,
  test: `asa test [testConfig.json|FOLDER]

Runs the cases of a test configuration in the official format and compares outputs with the expected rows in any
order. Floats may differ by 1e-9 of their size. Differing rows are shown; any failure gives exit code 1.
testResultSummary.json and the rows of each case are written to the output folder.

  --project PATH            run this project's start file instead of "Script"
  --filter TEXT             only cases whose name contains TEXT
  --tolerance NUMBER        largest relative difference of floats; --exact means 0
  --output FOLDER           where rows and summary go (default: LocalRunOutputs/test)
  --format text|junit|sarif form of the report
  --report FILE             where the report is written instead of standard output
  --dialect NAME=CHOICE     settle an open point of the language differently

A case with "Mode": "replay" applies the late and out-of-order policies of JobConfig.json. Its inputs name
"ArrivalField" and, if wanted, "PartitionField" and "Partitions"; "ExpectedDiagnostics" lists the events that are
dropped or adjusted: { "Kind": "LateInputEvent", "Event": { "eventId": "e-1" } }.

  asa test
  asa test test/testConfig.json --format junit --report junit.xml
`,
  explain: `asa explain FILE

Prints what the compiler makes of a query.

  --stage NAME              logical (default), ast, tokens, physical or code
  --project PATH            project to use instead of the nearest one
  --dialect NAME=CHOICE     settle an open point of the language differently

  asa explain query.asaql --stage ast
`,
  new: `asa new FOLDER

Makes a project in the official layout: a query, an input with local data, an output, a JavaScript function and a test
that passes. The folder must be new or empty.

  --name NAME               name of the project (default: the folder's)

  asa new my-job && asa test my-job
`,
  bench: `asa bench [FILE|FOLDER]

Measures how many events per second a query takes on this machine. The local data of its inputs is repeated until
enough events have run.

  --events N                number of events (default: 200000)
  --input ALIAS=FILE        data of a stream input
  --project PATH            project to use instead of the nearest one
  --format text|json        form of the result

  asa bench query.asaql --input telemetry=sample.json --events 1000000
`,
};

/** The help text of a command, or of all when the command is unknown or absent. */
export function helpText(command?: string): string {
  return (command === undefined ? undefined : commands[command]) ?? general;
}
