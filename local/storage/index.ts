export { storageCoverage } from "./coverage";
export {
  type StorageExit,
  type StorageOptions,
  type StorageServer,
  startStorage,
  storageAccountKey,
  storageConnectionString,
} from "./storage";
