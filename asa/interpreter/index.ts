export { interpret } from "./compile";
