export { Code, code, list, literal, type Part } from "./code";
export { generate, generatedText } from "./generate";
export { Scope } from "./scope";
