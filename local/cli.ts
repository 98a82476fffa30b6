import { main } from "./cli/verbs";

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
