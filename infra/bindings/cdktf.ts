// The one place that names the CDKTF packages: moving to another distribution of them is a rename here.
export {
  App,
  type AppConfig,
  AzurermBackend,
  Fn,
  type IResolvable,
  LocalBackend,
  TerraformOutput,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
  Testing,
  Token,
} from "cdktf";
export { Construct, type IConstruct } from "constructs";
